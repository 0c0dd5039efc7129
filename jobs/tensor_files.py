# SPDX-License-Identifier: Apache-2.0
"""Reads what torch.save wrote and writes safetensors, with Python alone.

A PyTorch file is a pickle, and a pickle may name any function to call. Only what rebuilds plain data and tensors
is let through here; everything else is refused by name, so that a stranger's file can be read."""
import collections
import hashlib
import io
import json
import math
import pathlib
import pickle
import struct
import zipfile

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C  # files of PyTorch before 1.6
# Storage class of PyTorch: name in safetensors, bytes a number.
STORAGES = {"DoubleStorage": ("F64", 8), "FloatStorage": ("F32", 4), "HalfStorage": ("F16", 2), "BFloat16Storage": ("BF16", 2),
            "LongStorage": ("I64", 8), "IntStorage": ("I32", 4), "ByteStorage": ("U8", 1), "BoolStorage": ("BOOL", 1)}
SCALARS = {"f8": "<d", "f4": "<f", "i8": "<q", "i4": "<i", "b1": "<?"}


class FileError(Exception):
    """What must hold, what was got, where, what to do."""


class Storage:
    def __init__(self, dtype, size):
        self.dtype, self.size, self.data = dtype, size, None


class Tensor:
    """Numbers of one type, row-major, as bytes."""

    def __init__(self, dtype, shape, data):
        self.dtype, self.shape, self.data = dtype, tuple(shape), data

    def item(self):
        """The one number of a tensor of one."""
        (value,) = struct.unpack({"F64": "<d", "F32": "<f", "I64": "<q"}[self.dtype], self.data)
        return value


class StoredTensor:
    """A tensor whose storage may come later in the file."""

    def __init__(self, storage, offset, shape, stride):
        self.storage, self.offset, self.shape, self.stride = storage, offset, tuple(shape), tuple(stride)

    def read(self, name):
        row_major = [math.prod(self.shape[axis + 1 :]) for axis in range(len(self.shape))]
        if any(have != want for have, want, extent in zip(self.stride, row_major, self.shape) if extent != 1):
            raise FileError(f"{name} of shape {self.shape} must lie row-major, got strides {self.stride}. "
                            "Save the tensors with .contiguous().")
        count = math.prod(self.shape)
        data = self.storage.data[self.offset * self.storage.size : (self.offset + count) * self.storage.size]
        if len(data) != count * self.storage.size:
            raise FileError(f"{name} of shape {self.shape} must have {count} numbers, the file ends before them. Copy it again.")
        return Tensor(self.storage.dtype, self.shape, data)


class NumpyType:
    def __init__(self, code, *_):
        self.code = code

    def __setstate__(self, state):
        if state[1] == ">":
            raise FileError(f"its numbers must be little-endian, those of type {self.code} are not. Save it on another machine.")


def numpy_scalar(dtype, data):
    return struct.unpack(SCALARS[dtype.code], data)[0]


def latin1_bytes(text, encoding):
    return text.encode("latin1")


class PlainUnpickler(pickle.Unpickler):
    """`storage_of(type, key, numbers)` gives the storage a tensor lies in."""

    REMEDY = "Save the state_dict of the network."
    ALLOWED = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor"): StoredTensor,
        ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, stride, *_: StoredTensor(storage, offset, shape, stride),
        ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
        ("torch", "device"): lambda *place: ":".join(map(str, place)),
        ("numpy", "dtype"): NumpyType,
        ("numpy.core.multiarray", "scalar"): numpy_scalar,
        ("numpy._core.multiarray", "scalar"): numpy_scalar,
        ("_codecs", "encode"): latin1_bytes,
    }

    def __init__(self, file, storage_of):
        super().__init__(file, encoding="latin1")
        self.storage_of = storage_of

    def find_class(self, module, name):
        if module == "torch" and name in STORAGES:
            return name
        if (module, name) not in self.ALLOWED:
            raise FileError(f"it must hold tensors and plain data only, it names {module}.{name}. {self.REMEDY}")
        return self.ALLOWED[module, name]

    def persistent_load(self, key):
        if key[0] != "storage" or key[1] not in STORAGES:
            raise FileError(f"it must hold tensors and plain data only, it holds {key[0]} {key[1]}. Save the state_dict of the network.")
        if any(part is not None for part in key[5:]):
            raise FileError("a tensor must have a storage of its own, one is a view into another's. Save it again with PyTorch 1.6 or later.")
        return self.storage_of(key[1], key[2])


def read_zip(content):
    """PyTorch 1.6 and later: data.pkl, and each storage a member of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pickled = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if pickled is None:
            raise FileError("a zip file must hold data.pkl, as torch.save writes it")
        folder = pickled[: -len("data.pkl")]

        def storage_of(kind, key):
            storage = Storage(*STORAGES[kind])
            storage.data = archive.read(f"{folder}data/{key}")
            return storage

        return PlainUnpickler(io.BytesIO(archive.read(pickled)), storage_of).load()


def read_legacy(content):
    """Pickles of magic number, protocol, system, object and storage keys; then the storages in the order of the keys."""
    file, storages = io.BytesIO(content), {}

    def storage_of(kind, key):
        return storages.setdefault(key, Storage(*STORAGES[kind]))

    def load():
        return PlainUnpickler(file, storage_of).load()

    if load() != LEGACY_MAGIC:
        raise FileError("its magic number must be that of torch.save")
    load(), load()
    value = load()
    for key in load():
        (numbers,) = struct.unpack("<q", file.read(8))
        storages[key].data = file.read(numbers * storages[key].size)
    return value


def read_torch_file(path):
    """What was saved: dictionaries, lists, numbers, texts and StoredTensor. Raises FileError naming the file."""
    content = pathlib.Path(path).read_bytes()
    try:
        return read_zip(content) if content[:2] == b"PK" else read_legacy(content)
    except FileError as error:
        raise FileError(f"{path} is no checkpoint we read: {error}") from None
    except Exception as error:  # a pickle that is damaged fails in any way
        raise FileError(f"{path} must be a file that torch.save wrote, it cannot be read: {error!r}") from None


def safetensors_bytes(tensors, about=None):
    """The content of a safetensors file of {name: Tensor}, in the order of their names, as Tessera writes it; `about` is
    metadata, {name: text}."""
    header, data = {"__metadata__": {"format": "pt"} | (about or {})}, b""
    for name in sorted(tensors):
        tensor = tensors[name]
        header[name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(tensor.data)]}
        data += tensor.data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def sha256_of(tensors):
    """SHA-256 over the numbers of all tensors in the order of their names: Tessera's weights_sha256."""
    return hashlib.sha256(b"".join(tensors[name].data for name in sorted(tensors))).hexdigest()
