"""Machine code of a model's log density: from PyTensor's graph by LLVM, without a C compiler.

`lowering` turns the graph of a density and its gradient into loops, `scalars` each operation on
numbers into instructions, `code` the whole into a function that can be called, and kept on disk.
"""
