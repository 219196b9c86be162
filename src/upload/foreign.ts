import type { UserError } from '../recipe/errors';
import { EXPORT } from './plain/advice';
import { refuse, shown } from './refuse';

interface Sentence {
  /** What it is, after the file's name. */
  readonly is: string;
  readonly hint: string;
  readonly code?: string;
}

const AS_ONNX =
  'With the original in PyTorch: torch.onnx.export(model, torch.zeros(1, 3, 32, 32), "model.onnx"), with the shape of one of its inputs in place of 1, 3, 32, 32, then choose model.onnx.';
/** Data instead of a network: whoever is given them can read them as such. */
const DATA = {
  hint: 'Choose it as data instead, and a model\u2019s file here.',
  code: 'E_UPLOAD_DATA',
};

/** Everything that people have instead of a model's file, each with what it is and what to do. */
const FOREIGN = {
  empty: {
    is: 'is empty',
    hint: 'Download or copy it again; the first time must have been cut off.',
    code: 'E_UPLOAD_EMPTY',
  },
  page: {
    is: 'is a web page, not the file itself: a link was saved instead of what it leads to',
    hint: 'Use the download button of that page (on GitHub: "Raw"), then choose the file that comes.',
    code: 'E_UPLOAD_PAGE',
  },
  lfs: {
    is: 'is a Git LFS pointer: a note that says where the file lies, not the file itself',
    hint: 'Run "git lfs pull" in the repository, or download the file from its web page.',
    code: 'E_UPLOAD_LFS',
  },
  annex: {
    is: 'is a git-annex pointer: a note that says where the file lies, not the file itself',
    hint: 'Run "git annex get" on it, then choose it again.',
    code: 'E_UPLOAD_LFS',
  },
  tflite: {
    is: 'is a TensorFlow Lite model, a form for phones that is not read here',
    hint: 'Use the Keras model that it was made from, or convert it: python -m tf2onnx.convert --tflite model.tflite --output model.onnx',
  },
  savedModel: {
    is: 'is a TensorFlow SavedModel, which is a program rather than a network',
    hint: 'Convert its folder: tensorflowjs_converter --input_format=tf_saved_model FOLDER web_model, then choose the files in web_model; or python -m tf2onnx.convert --saved-model FOLDER --output model.onnx',
  },
  graphDef: {
    is: 'is a frozen TensorFlow graph, which is not read here',
    hint: 'Convert it: python -m tf2onnx.convert --graphdef model.pb --inputs input:0 --outputs output:0 --output model.onnx',
  },
  checkpoint: {
    is: 'is part of a TensorFlow checkpoint: weights without the network they belong to',
    hint: 'In Python, build the model, model.load_weights("CHECKPOINT"), then model.save("model.keras"), and choose that.',
  },
  coreml: {
    is: 'is a Core ML model, which is not read here',
    hint: `Use the model that it was made from. ${AS_ONNX}`,
  },
  caffe: {
    is: 'is a Caffe model, which is not read here',
    hint: 'Convert it to ONNX, for example with python -m caffe2onnx, then choose model.onnx.',
  },
  convnetjs: {
    is: 'is a ConvNetJS network, which is not read here',
    hint: 'Build the same layers in Keras, set its weights (ConvNetJS keeps filters as [height, width, depth]) and model.save("model.keras"); or train a teacher here.',
  },
  brainjs: {
    is: 'is a brain.js network, which is not read here',
    hint: 'Build the same layers in Keras, set its weights and model.save("model.keras"); or train a teacher here.',
  },
  torchscript: {
    is: 'is a TorchScript program, and nothing from a file is executed here',
    hint: `Take the model that it was made from. ${EXPORT}`,
  },
  pickle: {
    is: 'is a Python pickle, which may run any program when it is loaded and is not read here',
    hint: EXPORT,
  },
  ort: {
    is: 'is a model in ONNX Runtime\u2019s own form, which is not read here',
    hint: 'Choose the .onnx file that it was made from.',
  },
  openvino: {
    is: 'is an OpenVINO model, which is not read here',
    hint: `Use the model that it was made from. ${AS_ONNX}`,
  },
  gguf: {
    is: 'is a language model in the form GGUF; teachers here see images or numbers',
    hint: 'Choose a classifier or a regressor.',
  },
  tensorrt: {
    is: 'is a TensorRT engine, compiled for one kind of GPU',
    hint: 'Choose the .onnx file that it was made from.',
  },
  mxnet: {
    is: 'is a file of MXNet parameters, which is not read here',
    hint: 'Convert it in Python: mxnet.onnx.export_model("model-symbol.json", "model-0000.params", [(1, 3, 32, 32)], onnx_file_path="model.onnx")',
  },
  archive: {
    is: 'is an archive of another kind than zip',
    hint: 'Unpack it and choose the files or the folder, or pack them as zip.',
  },
  office: { is: 'is an office document', hint: 'Choose a model\u2019s file.' },
  pdf: { is: 'is a PDF document', hint: 'Choose a model\u2019s file.' },
  program: { is: 'is a program', hint: 'Choose a model\u2019s file. Programs are never run here.' },
  matlab: {
    is: 'is a MATLAB file, which is not read here',
    hint: 'In MATLAB: exportONNXNetwork(net, "model.onnx"), then choose model.onnx.',
  },
  npy: { is: 'holds a NumPy array, not a network', ...DATA },
  npz: { is: 'holds NumPy arrays, not a network', ...DATA },
  idx: { is: 'is data in the form IDX (as of MNIST), not a network', ...DATA },
  image: { is: 'is an image, not a network', ...DATA },
  csv: { is: 'is a table, not a network', ...DATA },
  shard: {
    is: 'is a piece of a network\u2019s weights; the network itself stands in model.json',
    hint: 'Choose model.json and all its weight files together, or their folder.',
  },
  json: {
    is: 'is JSON, but holds no network in a form that is known here',
    hint: 'Networks of TensorFlow.js stand in a model.json with its weight files beside it.',
  },
  xml: { is: 'is an XML file, not a network', hint: 'Choose a model\u2019s file.' },
  text: { is: 'is text, not a network', hint: 'Choose a model\u2019s file.' },
  bytes: {
    is: 'is of no kind that is known here',
    hint: 'Teachers are read from TensorFlow.js (model.json with its weight files), Keras (.h5, .keras), ONNX, safetensors and PyTorch (.pt, .pth with a state_dict).',
  },
} as const satisfies Readonly<Record<string, Sentence>>;

/** The kinds that are not read as a network. */
export type Foreign = keyof typeof FOREIGN;

/** The sentence for a file that is no network, and what to do. */
export function foreign(kind: Foreign, path: string): UserError {
  const { is, hint, code = 'E_UPLOAD_KIND' }: Sentence = FOREIGN[kind];
  return refuse(code, `${shown(path)} ${is}.`, hint);
}
