"""Start the web page: `python app.py [--host HOST] [--port PORT]`."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", help="Address to serve on; 127.0.0.1 unless set otherwise.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; the next free one if taken.")
def main(host: str | None, port: int | None) -> None:
    """Serve the page that shows what the faces in a video say."""
    # Not before --help is answered: these take a second.
    from affect.errors import AffectError
    from affect.settings import read
    from affect.web.serve import serve

    try:
        serve(read(host=host, port=port))
    except AffectError as error:
        raise click.ClickException(str(error)) from error


# Worker processes import this file again, and must not start a server each.
if __name__ == "__main__":
    main()
