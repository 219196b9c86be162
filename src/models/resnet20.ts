import { defineResnet } from './family/resnet';

export default defineResnet('resnet20', 'ResNet-20', 3, [16, 16, 32, 64]);
