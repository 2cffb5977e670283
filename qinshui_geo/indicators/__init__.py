"""The indicators: pure functions from layers to measurements, one module each."""
