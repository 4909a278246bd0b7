"""The judge: distances between laws with their noise floors, comparisons, studies, figures, the command."""
