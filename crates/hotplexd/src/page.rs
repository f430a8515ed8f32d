//! The page at `/`: files from `page/dist`, put into the program when it is built.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// What agents say is hostile: no inline script, no HTML from strings, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
require-trusted-types-for 'script'; trusted-types 'none'";

struct PageFile {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

/// A file of the page is a line here. They are made from `page/src` by `npm run build`.
const FILES: [PageFile; 4] = [
    PageFile {
        path: "/",
        kind: "text/html; charset=utf-8",
        bytes: include_bytes!("../page/dist/index.html"),
    },
    PageFile {
        path: "/page.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../page/dist/page.js"),
    },
    PageFile {
        path: "/page.css",
        kind: "text/css; charset=utf-8",
        bytes: include_bytes!("../page/dist/page.css"),
    },
    PageFile {
        path: "/licences.txt",
        kind: "text/plain; charset=utf-8",
        bytes: include_bytes!("../page/dist/licences.txt"),
    },
];

/// Needs no token: the page brings it when it connects.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, file| {
        router.route(
            file.path,
            get(move |headers: HeaderMap| async move { serve(file, &headers) }),
        )
    })
}

fn serve(file: &'static PageFile, headers: &HeaderMap) -> Response {
    let tag = tag(file.bytes);
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let head = [
        (
            HeaderName::from_static("content-security-policy"),
            POLICY.to_owned(),
        ),
        (
            HeaderName::from_static("x-content-type-options"),
            "nosniff".to_owned(),
        ),
        (
            HeaderName::from_static("referrer-policy"),
            "no-referrer".to_owned(),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin".to_owned(),
        ),
        (CACHE_CONTROL, "no-cache".to_owned()),
        (ETAG, tag),
    ];
    match is_known {
        true => (StatusCode::NOT_MODIFIED, head).into_response(),
        false => (head, [(CONTENT_TYPE, file.kind)], file.bytes).into_response(),
    }
}

/// FNV-1a: tells two builds of the page apart, and nothing more is asked of it.
fn tag(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}
