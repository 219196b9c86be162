import { head } from '../bytes';
import type { Given } from '../given';
import { baseOf } from '../names';
import { shown } from '../refuse';
import { sniff } from '../sniff';
import type { Kind } from '../sniff';

/** What a file is instead of data that are read, and how what it holds can be brought. */
interface Instead {
  /** After the file's name: "is ...". */
  readonly is: string;
  readonly hint: string;
}

const SAVE = 'numpy.savez("data.npz", images=images, labels=labels)';
const MODEL = { hint: 'Choose it as a teacher instead, and its data here.' };
const CIFAR =
  'The tasks CIFAR-10 and CIFAR-100 read the binary version: choose that task and give cifar-10-binary.tar.gz or its .bin files';

/** Forms that names tell, before bytes are looked at. */
const NAMES: readonly (readonly [RegExp, Instead])[] = [
  [
    /(^|[/_-])cifar-10+-python\.(tar\.gz|tgz|tar)$/i,
    { is: 'is the Python version of CIFAR', hint: `${CIFAR}.` },
  ],
  [
    /(^|[/_-])cifar-10+-binary\.(tar\.gz|tgz|tar)$/i,
    { is: 'is CIFAR in its binary version', hint: 'Choose the task CIFAR-10 or CIFAR-100 for it.' },
  ],
  [
    /\.(tar|tar\.gz|tgz|tar\.bz2|tar\.xz|7z|rar|bz2|xz|zst)$/i,
    {
      is: 'is an archive of another kind than zip',
      hint: 'Unpack it and give the folder, or pack it as zip.',
    },
  ],
  [
    /\.parquet$/i,
    {
      is: 'is a Parquet table, as data sets on Hugging Face come',
      hint: 'In Python, with datasets.load_dataset, save each image into a folder of its class: row["image"].save(f"{row["label"]}/{i}.png").',
    },
  ],
  [
    /\.(tfrecords?|arrow|lmdb|mdb|rec|beton)$/i,
    {
      is: 'is a data set in the form of one training program',
      hint: `In Python, read it with that program and save its images and labels: ${SAVE}`,
    },
  ],
  [
    /\.(gif|bmp|tiff?|avif|heic|ico|pgm|ppm)$/i,
    { is: 'is an image in a form that is not read', hint: 'Convert the images to PNG or JPEG.' },
  ],
  [
    /\.(xlsx?|ods)$/i,
    { is: 'is a spreadsheet', hint: 'Save it as CSV: a label and the pixels in each row.' },
  ],
];

/** Forms that bytes tell. */
const KINDS: Partial<Readonly<Record<Kind, Instead>>> = {
  pickle: {
    is: 'is a Python pickle, which may run any program when it is loaded and is not opened here',
    hint: `In Python: save its images and labels with ${SAVE}`,
  },
  torch: {
    is: 'is a file of PyTorch',
    hint: `Where it holds data, in Python: images, labels = torch.load("FILE"); then ${SAVE}. Where it holds a network, choose it as a teacher.`,
  },
  matlab: {
    is: 'is a MATLAB file',
    hint: `In Python: d = scipy.io.loadmat("FILE"), then save its images and labels: ${SAVE}`,
  },
  'keras-h5': {
    is: 'is an HDF5 file',
    hint: `Where it holds data, in Python: f = h5py.File("FILE"), then save its images and labels: ${SAVE}. Where it holds a network, choose it as a teacher.`,
  },
  empty: { is: 'is empty', hint: 'Download or copy it again.' },
  page: {
    is: 'is a web page, not the file itself',
    hint: 'Use the download button of that page, and give the file that comes.',
  },
  lfs: {
    is: 'is a pointer of Git LFS and not the file itself',
    hint: 'Run "git lfs pull" in the repository, or download the file from its web page.',
  },
  annex: {
    is: 'is a git-annex pointer and not the file itself',
    hint: 'Run "git annex get" on it.',
  },
  onnx: { is: 'is a network (ONNX)', ...MODEL },
  'keras-3': { is: 'is a network (Keras)', ...MODEL },
  safetensors: { is: 'holds a network’s weights (safetensors)', ...MODEL },
  'tfjs-layers': { is: 'is a network (TensorFlow.js)', ...MODEL },
  'tfjs-graph': { is: 'is a network (TensorFlow.js)', ...MODEL },
  tflite: { is: 'is a network (TensorFlow Lite)', ...MODEL },
  csv: {
    is: 'is a table',
    hint: 'A table is read beside images, with their names and labels, or where each row holds a label and the pixels of one image: 784 columns for 28 x 28.',
  },
  archive: {
    is: 'is an archive of another kind than zip',
    hint: 'Unpack it and give the folder, or pack it as zip.',
  },
};

/** What stands in the place of a file, whatever that is called. */
const NOT_ITSELF: ReadonlySet<Kind> = new Set<Kind>(['empty', 'page', 'lfs', 'annex']);

/** Names of CIFAR's batches in Python's version, which have no ending. */
const BATCH = /^(data_batch_\d|test_batch|train|test|batches\.meta|meta)$/;

/** What a file is, where it is of a form that people have instead of data that are read; null where nothing is known. */
export async function insteadOf(file: Given): Promise<{ is: string; hint: string } | null> {
  const name = baseOf(file.path);
  const said = (instead: Instead) => ({ ...instead, is: `${shown(file.path)} ${instead.is}` });
  const kind = await sniff(file);
  const named = NAMES.find(([pattern]) => pattern.test(file.path));
  if (named && !NOT_ITSELF.has(kind)) return said(named[1]);
  if (kind === 'pickle' && (BATCH.test(name) || (await holdsBatch(file))))
    return said({
      is: 'is a batch of CIFAR in Python’s version (a pickle, which is not opened here)',
      hint: `${CIFAR}; or in Python: d = pickle.load(open("FILE", "rb"), encoding="bytes"); numpy.savez("data.npz", images=d[b"data"], labels=d[b"labels"])`,
    });
  if (file.path.toLowerCase().endsWith('.bin') && file.size > 0 && file.size % 3073 === 0)
    return said({
      is: 'looks like CIFAR-10 in its binary version',
      hint: 'Choose the task CIFAR-10 for it.',
    });
  if (file.path.toLowerCase().endsWith('.bin') && file.size > 0 && file.size % 3074 === 0)
    return said({
      is: 'looks like CIFAR-100 in its binary version',
      hint: 'Choose the task CIFAR-100 for it.',
    });
  const instead = KINDS[kind];
  return instead ? said(instead) : null;
}

/** Whether a pickle's first bytes name what CIFAR's batches hold. */
async function holdsBatch(file: Given): Promise<boolean> {
  const text = new TextDecoder('latin1').decode(await head(file, 4096));
  return /batch_label|fine_labels|coarse_labels/.test(text);
}
