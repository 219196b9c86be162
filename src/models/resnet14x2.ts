import { defineResnet } from './family/resnet';

export default defineResnet('resnet14x2', 'ResNet-14x2', 2, [16, 32, 64, 128]);
