import { defineResnet } from './family/resnet';

export default defineResnet('resnet20x2', 'ResNet-20x2', 3, [16, 32, 64, 128]);
