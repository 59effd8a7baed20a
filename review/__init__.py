"""The review application: pages where people work the leads. `app.create` makes it, `serve.serve` runs it."""
