import { defineResnet } from './family/resnet';

export default defineResnet('resnet8', 'ResNet-8', 1, [16, 16, 32, 64]);
