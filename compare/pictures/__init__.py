"""Pictures as data: panels of series with their errors, and maps of the plane, as files keep them.

Never holds a colour, a size or a drawing: `figures` draws what is here.
"""

from compare.pictures.files import picture_from_xarray, picture_tables, picture_to_xarray
from compare.pictures.mosaic import Curve, Mosaic
from compare.pictures.panel import Axis, Mark, Panel, Role, Series
from compare.pictures.picture import Picture
from compare.pictures.plane import Plane

__all__ = [
    "Axis",
    "Curve",
    "Mark",
    "Mosaic",
    "Panel",
    "Picture",
    "Plane",
    "Role",
    "Series",
    "picture_from_xarray",
    "picture_tables",
    "picture_to_xarray",
]
