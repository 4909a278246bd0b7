"""One check of arguments at the faces of the packages, read from the annotations that stand there.

Never holds what one function asks beyond its annotations: that is required where it is used.
"""

from theory.base.arguments.face import at_face, check_faces
from theory.base.arguments.options import require_known
from theory.base.arguments.reading import Given

__all__ = ["Given", "at_face", "check_faces", "require_known"]
