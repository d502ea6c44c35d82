"""The desktop console; the only importer of PySide6, pyqtgraph and qasync."""
