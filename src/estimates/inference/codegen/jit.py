"""LLVM modules become functions that can be called; their machine code is kept on disk.

Machine code depends on the text of the module and on the processor alone, and is kept under a
digest of both.  Nothing of what made the text (PyMC, PyTensor) is needed to use it again.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import llvmlite.binding as llvm

from estimates.errors import Fault, InputError

#: What the functions answer instead of 0 where a density cannot be used.
BAD_GRADIENT, BAD_DENSITY, NO_MEMORY = 3, 4, 5
#: Functions of doubles that C has not; by their names in `scipy.special.cython_special`.
_OF_SCIPY = {
    "erfcx": "__pyx_fuse_1erfcx",
    "psi": "__pyx_fuse_1psi",
    "i0e": "i0e",
    "i1e": "i1e",
}


@dataclass(frozen=True)
class Code:
    """Machine code in memory; it is freed with the object.

    Attributes
    ----------
    prepare, density, densities, values, copy : addresses of the functions that `llvm` makes
    """

    prepare: int
    density: int
    densities: int
    values: int
    copy: int
    _kept: object = field(repr=False)


def assemble(text: str) -> bytes:
    """Return the object code of an LLVM module for this processor."""
    machine = _machine()
    module = llvm.parse_assembly(text)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


def load(object_code: bytes, called: Sequence[str]) -> Code:
    """Load object code that `assemble` has made; `called` are the outside functions it calls."""
    for name in called:
        llvm.add_symbol(name, _address(name))
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(object_code))
    engine.finalize_object()
    address = engine.get_function_address
    return Code(
        address("prepare"),
        address("density"),
        address("densities"),
        address("values"),
        address("copy"),
        engine,
    )


def processor() -> str:
    """Return the processor that machine code is made for: its name and what it can do."""
    return " ".join([llvm.get_default_triple(), *_target()])


def _target() -> tuple[str, str]:
    """Name and features: of this processor, or with `ESTIMATES_CPU=generic` of the least one."""
    said = os.environ.get("ESTIMATES_CPU", "native")
    if said not in ("generic", "native"):
        raise InputError([Fault(f"ESTIMATES_CPU is '{said}'; it can be native or generic")])
    return ("generic", "") if said == "generic" else _host()


@functools.cache
def _host() -> tuple[str, str]:
    return llvm.get_host_cpu_name(), str(llvm.get_host_cpu_features().flatten())


def _machine() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = _target()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=cpu, features=features, opt=2, jit=True
    )


def _address(name: str) -> int:
    if name in _OF_SCIPY:
        from scipy.special import cython_special

        capsule = cython_special.__pyx_capi__[_OF_SCIPY[name]]
        describe = ctypes.pythonapi.PyCapsule_GetName
        describe.restype, describe.argtypes = ctypes.c_char_p, [ctypes.py_object]
        read = ctypes.pythonapi.PyCapsule_GetPointer
        read.restype, read.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        return int(read(capsule, describe(capsule)))
    # Of Windows the functions of C are in a library of their own, else in the process itself.
    library = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)
    found = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert found is not None
    return found
