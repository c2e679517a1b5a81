"""The workshop that makes and judges what lies in `model/`; the product never imports it."""
