import { defineResnet } from './family/resnet';

export default defineResnet('resnet56', 'ResNet-56', 9, [16, 16, 32, 64]);
