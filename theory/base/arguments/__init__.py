"""One check of arguments at the faces of the packages, read from the annotations that stand there."""

from theory.base.arguments.face import at_face, check_faces
from theory.base.arguments.reading import Given

__all__ = ["Given", "at_face", "check_faces"]
