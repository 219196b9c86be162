import { defineResnet } from './family/resnet';

export default defineResnet('resnet8half', 'ResNet-8-half', 1, [8, 8, 16, 32]);
