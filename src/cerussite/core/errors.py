"""Errors raised on purpose by this package."""


class CerussiteError(Exception):
    """
    Base class: catching it catches everything raised here on purpose.

    The message says what was found, what was expected and what to do.
    """


class InvalidSpectraError(CerussiteError, ValueError):
    """Spectra that cannot be what their quantity or wavelengths claim."""


class InvalidConcentrationError(CerussiteError, ValueError):
    """Concentrations, limits or units that cannot be what they claim."""


class InvalidSurveyError(CerussiteError, ValueError):
    """Samples, groups or coordinates that contradict each other."""


class UnreadableFileError(CerussiteError, ValueError):
    """A file whose content does not follow the format it was read as."""


class InvalidStudyError(CerussiteError, ValueError):
    """A study, or an option of a method, that cannot be carried out."""


class UnknownStandardError(CerussiteError, ValueError):
    """A standard, table, quantity or receptor that is not there by this name."""


class IncomparableError(CerussiteError, ValueError):
    """Values that must not be compared: other sets, procedures, species or dates."""
