import { defineResnet } from './family/resnet';

export default defineResnet('resnet14', 'ResNet-14', 2, [16, 16, 32, 64]);
