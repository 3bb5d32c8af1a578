//! The page's server: index.html, www/ and pkg/ to this machine's own browsers, with the list of them; nothing else to anyone.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use percent_encoding::percent_decode_str;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

use crate::error::{Error, Result};
use crate::files::{self, LIST, Lister, SERVICE_WORKER};

/// The headers that a host is to send too.
static POLICY: LazyLock<HeaderMap> = LazyLock::new(|| {
    let lines = files::POLICY.lines().filter(|line| line.starts_with("  "));
    let header = |line: &'static str| {
        let (name, value) = line.trim().split_once(": ")?;
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_static(value)))
    };
    lines.filter_map(header).collect()
});

/// A running server; it ends when this is dropped.
pub struct Server {
    address: SocketAddr,
    runtime: Runtime,
    task: JoinHandle<std::io::Result<()>>,
}

/// Takes the port, or any free one for 0. Only this machine can connect.
pub fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Error::PortInUse { port },
        _ => Error::Server(error),
    })?;
    // What the runtime asks of a listener that it did not make.
    listener.set_nonblocking(true).map_err(Error::Server)?;
    Ok(listener)
}

/// Serves the repository's root in the background.
pub fn start(root: &Path, listener: TcpListener) -> Result<Server> {
    let address = listener.local_addr().map_err(Error::Server)?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_io().build().map_err(Error::Server)?;
    let site = site(root);
    let task = runtime.spawn(async move {
        // The end of a small file goes out at once: otherwise it waits 40 ms for an acknowledgement that a browser delays.
        let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        axum::serve(listener, site).await
    });
    Ok(Server { address, runtime, task })
}

impl Server {
    /// "localhost" by name: browsers open the microphone there without a certificate.
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Serves until the process is ended.
    pub fn wait(self) -> Result<()> {
        match self.runtime.block_on(self.task) {
            Ok(outcome) => outcome.map_err(Error::Server),
            Err(error) => Err(Error::Server(error.into())),
        }
    }
}

fn site(root: &Path) -> Router {
    let lister = Arc::new(Lister::default());
    let folder = root.to_path_buf();
    let list = get(move || {
        let (lister, folder) = (lister.clone(), folder.clone());
        async move { list(&lister, &folder).await }
    });
    // Large files in large pieces: each piece costs a change of threads.
    let files = ServeDir::new(root).with_buf_chunk_size(1 << 20);
    Router::new().route(&format!("/{LIST}"), list).fallback_service(files).layer(from_fn(guard))
}

/// The list as the files are now: a browser that kept the page notices an edit by it.
async fn list(lister: &Arc<Lister>, root: &Path) -> Response {
    let (lister, root) = (lister.clone(), root.to_path_buf());
    // Reading 60 MB takes a moment the first time; the server goes on answering meanwhile.
    match tokio::task::spawn_blocking(move || lister.list(&root)).await {
        Ok(Ok(files)) => {
            ([(header::CONTENT_TYPE, "application/json")], files::to_json(&files, true)).into_response()
        }
        // A file that goes while the page is being built is no reason to stop; the next visit asks again.
        Ok(Err(error)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// Lets through what the page is made of, and has browsers ask each time whether it changed.
async fn guard(request: Request, next: Next) -> Response {
    if !is_served(request.uri().path()) {
        return (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().extend(POLICY.clone());
    response
}

/// Whether a request's path, decoded as the file server will decode it, belongs to the page.
fn is_served(path: &str) -> bool {
    let Ok(path) = percent_decode_str(path).decode_utf8() else {
        return false;
    };
    let path = path.trim_start_matches('/');
    let mut parts = path.split('/');
    let inside = matches!(path, "" | "index.html" | LIST | SERVICE_WORKER)
        || matches!(parts.next(), Some("www" | "pkg")) && parts.next().is_some()
        // Of what is not the page: a page that uses the package.
        || path.starts_with("docs/example/");
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    inside && !hidden && !path.contains(['\\', '\0'])
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use axum::body::{Body, to_bytes};
    use tower_service::Service;

    use super::*;

    #[test]
    fn only_the_page_is_served() {
        for path in [
            "/",
            "/index.html",
            "/service-worker.js",
            "/files.json",
            "/www/main.js",
            "/docs/example/index.html",
            "/pkg/a.wasm",
            "/www/a%20b.webp",
        ] {
            assert!(is_served(path), "{path}");
        }
        for path in [
            "/Cargo.toml",
            "/src/lib.rs",
            "/index.html/a",
            "/www",
            "/wwwx/a",
            "/.git/config",
            "/www/.env",
            "/www/../Cargo.toml",
            "/docs/package.md",
            "/docs/example/../package.md",
            "/www/%2e%2e/Cargo.toml",
            "/www/..%2fCargo.toml",
            "/%2e%2e/etc/passwd",
            "//etc/passwd",
            "/www/..\\Cargo.toml",
            "/www/%00",
            "/www/%ff",
        ] {
            assert!(!is_served(path), "{path}");
        }
    }

    /// A small site in a folder of its own, asked without a socket.
    struct Site(std::path::PathBuf);

    impl Site {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("hearsight-xtask-{name}-{}", std::process::id()));
            for folder in ["www", "pkg"] {
                fs::create_dir_all(root.join(folder)).unwrap();
            }
            fs::write(root.join("Cargo.toml"), "secret").unwrap();
            Self(root)
        }

        fn ask(
            &self,
            method: &str,
            path: &str,
            headers: &[(&str, &str)],
        ) -> (StatusCode, header::HeaderMap, Vec<u8>) {
            let mut request = Request::builder().method(method).uri(path);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            Builder::new_current_thread().build().unwrap().block_on(async {
                let response = site(&self.0).call(request.body(Body::empty()).unwrap()).await.unwrap();
                let (head, body) = response.into_parts();
                (head.status, head.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
            })
        }
    }

    impl Drop for Site {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn every_kind_of_file_has_its_type() {
        let site = Site::new("types");
        for (file, kind) in [
            ("index.html", "text/html"),
            ("www/main.js", "text/javascript"),
            ("www/style.css", "text/css"),
            ("www/gallery.json", "application/json"),
            ("www/a.webp", "image/webp"),
            ("www/a.ogg", "audio/ogg"),
            ("www/a.svg", "image/svg+xml"),
            ("www/a.png", "image/png"),
            ("www/a.webmanifest", "application/manifest+json"),
            ("www/a.safetensors", "application/octet-stream"),
            ("pkg/a.wasm", "application/wasm"),
        ] {
            fs::write(site.0.join(file), "x").unwrap();
            let (status, headers, _) = site.ask("GET", &format!("/{file}"), &[]);
            assert_eq!(status, StatusCode::OK, "{file}");
            assert_eq!(headers[header::CONTENT_TYPE], kind, "{file}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache", "{file}");
        }
        assert_eq!(site.ask("GET", "/", &[]).2, b"x");
    }

    #[test]
    fn requests_for_a_part_for_the_head_and_for_news_are_understood() {
        let site = Site::new("requests");
        fs::write(site.0.join("www/a.ogg"), "0123456789").unwrap();

        let (status, headers, body) = site.ask("GET", "/www/a.ogg", &[("range", "bytes=2-4")]);
        assert_eq!((status, body.as_slice()), (StatusCode::PARTIAL_CONTENT, &b"234"[..]));
        assert_eq!(headers[header::CONTENT_RANGE], "bytes 2-4/10");

        let (status, headers, body) = site.ask("HEAD", "/www/a.ogg", &[]);
        assert_eq!((status, body.len()), (StatusCode::OK, 0));
        assert_eq!(headers[header::CONTENT_LENGTH], "10");

        let date = headers[header::LAST_MODIFIED].to_str().unwrap();
        assert_eq!(site.ask("GET", "/www/a.ogg", &[("if-modified-since", date)]).0, StatusCode::NOT_MODIFIED);
        assert_eq!(site.ask("POST", "/www/a.ogg", &[]).0, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(site.ask("GET", "/www/none.ogg", &[]).0, StatusCode::NOT_FOUND);
        assert_eq!(site.ask("GET", "/Cargo.toml", &[]).0, StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_list_follows_what_is_on_the_disk() {
        let site = Site::new("list");
        let listed = || {
            let (status, headers, body) = site.ask("GET", "/files.json", &[]);
            assert_eq!(
                (status, &headers[header::CACHE_CONTROL]),
                (StatusCode::OK, &"no-cache".parse().unwrap())
            );
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()
        };
        fs::write(site.0.join("index.html"), "x").unwrap();
        let before = listed();
        assert_eq!(before["development"], true);
        assert_eq!(before["files"][0]["path"], "index.html");
        fs::write(site.0.join("index.html"), "edited").unwrap();
        let after = listed();
        assert_eq!(after["files"][0]["bytes"], 6);
        assert_ne!(before["files"][0]["sha256"], after["files"][0]["sha256"]);
    }

    #[test]
    fn the_policy_is_sent_and_nginx_says_the_same() {
        let site = Site::new("policy");
        fs::write(site.0.join("index.html"), "x").unwrap();
        let (_, headers, _) = site.ask("GET", "/", &[]);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in ["connect-src 'self'", "'wasm-unsafe-eval'", "require-trusted-types-for 'script'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("inline"));
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let nginx = include_str!("../../docs/hosting/nginx.conf").to_lowercase();
        assert_eq!(POLICY.len(), 7);
        for (name, value) in &*POLICY {
            let line = format!("add_header {name} \"{}\" always;", value.to_str().unwrap().to_lowercase());
            assert!(nginx.contains(&line), "{line}");
        }
    }

    /// The body of an answer to one of several requests on a connection.
    fn get(connection: &mut BufReader<TcpStream>, path: &str) -> Vec<u8> {
        // In one piece, as browsers ask.
        let request = format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        connection.get_mut().write_all(request.as_bytes()).unwrap();
        let head: Vec<String> = connection
            .by_ref()
            .lines()
            .map(|line| line.unwrap())
            .take_while(|line| !line.is_empty())
            .collect();
        assert_eq!(head[0], "HTTP/1.1 200 OK", "{path}");
        let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        connection.read_exact(&mut body).unwrap();
        body
    }

    #[test]
    fn a_class_of_thirty_gets_all_of_the_page_at_once() {
        const VISITORS: usize = 30;
        let root = crate::root();
        // pkg/ may be in the middle of a build; the others are fetched when something is done with them.
        let later = ["pkg/", "www/gallery/captions/", "www/models/picture", "www/models/systems/"];
        let paths = files::everything(&root)
            .unwrap()
            .into_iter()
            .filter(|path| !later.iter().any(|later| path.starts_with(later)));
        let page: Vec<_> = paths
            .map(|path| {
                let content = fs::read(root.join(&path)).unwrap();
                (path, content)
            })
            .collect();
        assert!(page.len() > 300, "{} files are not the page", page.len());
        let server = start(&root, listen(0).unwrap()).unwrap();
        // All are connected before the first of them asks.
        let doors = std::sync::Barrier::new(VISITORS);
        std::thread::scope(|scope| {
            for visitor in 0..VISITORS {
                let (page, doors, address) = (&page, &doors, server.address);
                scope.spawn(move || {
                    let connection = TcpStream::connect(address).unwrap();
                    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                    let mut connection = BufReader::new(connection);
                    doors.wait();
                    // Each begins elsewhere, so that different files are asked for at the same moment.
                    let begin = visitor * page.len() / VISITORS;
                    for (path, content) in page[begin..].iter().chain(&page[..begin]) {
                        let name = path.replace('%', "%25").replace(' ', "%20");
                        assert!(get(&mut connection, &name) == *content, "{path} came otherwise");
                    }
                });
            }
        });
    }

    #[test]
    fn a_port_that_is_taken_gets_a_sentence() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = listen(port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("Port {port} is used by another program")), "{error}");
    }
}
