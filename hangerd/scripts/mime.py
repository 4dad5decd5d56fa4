"""Which files a visitor may read, and as what: extension to content type.

What is not listed is not served. Nothing that a server runs (PHP, shell, CGI, templates) is listed,
so that a script in the wrong folder is refused and not shown.
"""

from __future__ import annotations

from types import MappingProxyType

_UTF_8 = "; charset=utf-8"

CONTENT_TYPES = MappingProxyType(
    {
        # pages and what they load
        ".html": "text/html" + _UTF_8,
        ".htm": "text/html" + _UTF_8,
        ".xhtml": "application/xhtml+xml",
        ".css": "text/css" + _UTF_8,
        ".js": "text/javascript" + _UTF_8,
        ".mjs": "text/javascript" + _UTF_8,
        ".json": "application/json",
        ".map": "application/json",
        ".geojson": "application/geo+json",
        ".jsonl": "application/jsonl",
        ".ipynb": "application/x-ipynb+json",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
        ".xml": "application/xml",
        ".xsl": "application/xslt+xml",
        ".rss": "application/rss+xml",
        ".atom": "application/atom+xml",
        # text for people
        ".txt": "text/plain" + _UTF_8,
        ".text": "text/plain" + _UTF_8,
        ".log": "text/plain" + _UTF_8,
        ".md": "text/markdown" + _UTF_8,
        ".rst": "text/x-rst" + _UTF_8,
        ".csv": "text/csv" + _UTF_8,
        ".tsv": "text/tab-separated-values" + _UTF_8,
        ".ics": "text/calendar" + _UTF_8,
        ".vcf": "text/vcard" + _UTF_8,
        ".vtt": "text/vtt" + _UTF_8,
        ".srt": "application/x-subrip",
        # pictures
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".apng": "image/apng",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".gif": "image/gif",
        ".webp": "image/webp",
        ".avif": "image/avif",
        ".bmp": "image/bmp",
        ".tif": "image/tiff",
        ".tiff": "image/tiff",
        ".ico": "image/vnd.microsoft.icon",
        # sound and film
        ".mp3": "audio/mpeg",
        ".m4a": "audio/mp4",
        ".aac": "audio/aac",
        ".oga": "audio/ogg",
        ".ogg": "audio/ogg",
        ".opus": "audio/ogg",
        ".wav": "audio/wav",
        ".flac": "audio/flac",
        ".mid": "audio/midi",
        ".mp4": "video/mp4",
        ".m4v": "video/mp4",
        ".ogv": "video/ogg",
        ".webm": "video/webm",
        ".mov": "video/quicktime",
        # letters
        ".woff": "font/woff",
        ".woff2": "font/woff2",
        ".ttf": "font/ttf",
        ".otf": "font/otf",
        # things to take home
        ".pdf": "application/pdf",
        ".epub": "application/epub+zip",
        ".rtf": "application/rtf",
        ".doc": "application/msword",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".xls": "application/vnd.ms-excel",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".ppt": "application/vnd.ms-powerpoint",
        ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".odt": "application/vnd.oasis.opendocument.text",
        ".ods": "application/vnd.oasis.opendocument.spreadsheet",
        ".odp": "application/vnd.oasis.opendocument.presentation",
        ".zip": "application/zip",
        ".whl": "application/zip",
        ".gz": "application/gzip",
        ".tgz": "application/gzip",
        ".br": "application/octet-stream",
        ".bz2": "application/x-bzip2",
        ".xz": "application/x-xz",
        ".zst": "application/zstd",
        ".tar": "application/x-tar",
        ".7z": "application/x-7z-compressed",
        ".bin": "application/octet-stream",
        ".data": "application/octet-stream",
        ".npy": "application/octet-stream",
        ".npz": "application/zip",
        ".parquet": "application/vnd.apache.parquet",
    }
)

# A compressed file is as private as the file inside it: `x.php.gz` is the source of x.php.
_WRAPPERS = frozenset({".gz", ".br", ".bz2", ".xz", ".zst"})


def extension_of(name: str) -> str:
    """Give a name's last extension with its dot, as written; empty where it has none."""
    _, dot, extension = name.rpartition(".")
    return dot + extension if dot else ""


def content_type_of(name: str) -> str | None:
    """Give the content type for a file of this name, or None where it must not be served.

    Upper and lower case are the same. A name without an extension (`LICENSE`) is plain text.
    """
    extension = extension_of(name).lower()
    if not extension:
        return CONTENT_TYPES[".txt"]
    if extension in _WRAPPERS and content_type_of(name[: -len(extension)]) is None:
        return None
    return CONTENT_TYPES.get(extension)


def is_text(content_type: str) -> bool:
    """Say whether files of this type are text inside, which packs well."""
    return content_type.startswith("text/") or content_type.endswith(("json", "xml"))
