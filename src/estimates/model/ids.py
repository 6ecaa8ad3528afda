"""What can be the name of a thing, and the id of what is asked for by name."""

_LONGEST_NAME = 200  # bytes, as file formats of results and file systems allow


def fault_of_name(name: str) -> str:
    """Return why a text cannot name anything that appears in results and files; "" where it can."""
    if not name.strip():
        return "a name has letters or digits"
    if len(name.encode(errors="replace")) > _LONGEST_NAME:
        return f"keep it below {_LONGEST_NAME} bytes, and put the rest into a label or note"
    if name.startswith("__") or name.endswith("__"):
        return "names with __ at an end are kept for programs"
    return ""


def fault_of_id(name: str) -> str:
    """Return why a text cannot be an id, which commands and paths hold too; "" where it can."""
    if "/" in name or "\\" in name:
        return "write a hyphen for the slash"
    if name.startswith(("-", ".")):
        return f"begin it with something other than {name[0]}"
    return fault_of_name(name)
