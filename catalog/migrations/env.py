"""Alembic's entry: runs on the connection that `catalog.store` hands over."""

from alembic import context

from catalog import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    render_as_batch=True,
)
context.run_migrations()
