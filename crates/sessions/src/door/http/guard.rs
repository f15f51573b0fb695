//! Who may come in.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Method, StatusCode, header};

use super::answer::Refusal;
use super::token;

/// Checks name, origin and token of a request.
#[derive(Debug)]
pub(super) struct Guard {
    token: String,
    address: SocketAddr,
}

impl Guard {
    pub(super) fn new(token: &str, address: SocketAddr) -> Self {
        Self { token: token.to_owned(), address }
    }

    /// Refuses a request of a foreign name or page.
    pub(super) fn check_place(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(header::HOST).unwrap_or_default();
        if !self.is_own(host) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, format!("this server is not called '{host}'")));
        }
        if let Some(origin) = text(header::ORIGIN)
            && !origin.strip_prefix("http://").is_some_and(|host| self.is_own(host))
        {
            return Err(Refusal::new(StatusCode::FORBIDDEN, format!("requests from '{origin}' are refused")));
        }
        Ok(())
    }

    /// Refuses a request of a foreign name or page, or without the token. What only reads may carry it as a cookie, since
    /// pages cannot send a header for an image.
    pub(super) fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        self.check_place(headers)?;
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let cookie = format!("{}=", self.cookie_name());
        let mut cookies = text(header::COOKIE).unwrap_or_default().split(';');
        let cookie = cookies.find_map(|pair| pair.trim().strip_prefix(&cookie)).filter(|_| method == Method::GET);
        if cookie.is_some_and(|given| token::equal(given, &self.token)) {
            return Ok(());
        }
        let given = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if token::equal(given.trim(), &self.token) {
            return Ok(());
        }
        let why = format!("send 'Authorization: Bearer TOKEN'; the token is in {} of the session", token::TOKEN_FILE);
        Err(Refusal::new(StatusCode::UNAUTHORIZED, why))
    }

    /// The cookie that lets a page read. Cookies do not know ports, so its name does.
    pub(super) fn cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name(), self.token)
    }

    fn cookie_name(&self) -> String {
        format!("actmax-{}", self.address.port())
    }

    /// Whether `HOST` or `HOST:PORT` is this server: by an address that it listens at, or as `localhost`. Other names are
    /// refused: they are how a web page would come in.
    fn is_own(&self, host: &str) -> bool {
        if let Ok(address) = host.parse::<SocketAddr>() {
            return address.port() == self.address.port() && self.is_own_address(address.ip());
        }
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !host.ends_with(']') => (name, Some(port)),
            _ => (host, None),
        };
        let port_fits = port.map_or(self.address.port() == 80, |port| port == self.address.port().to_string());
        let ip = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        port_fits && ip.map_or(name.eq_ignore_ascii_case("localhost"), |ip| self.is_own_address(ip))
    }

    fn is_own_address(&self, ip: IpAddr) -> bool {
        ip.is_loopback() || ip == self.address.ip() || self.address.ip().is_unspecified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_own_names() {
        let guard = Guard::new("t", "127.0.0.1:8080".parse().unwrap());
        for own in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"] {
            assert!(guard.is_own(own), "{own}");
        }
        for foreign in ["", "localhost", "127.0.0.1:80", "10.0.0.1:8080", "rig.example:8080", "127.0.0.1.example:8080"]
        {
            assert!(!guard.is_own(foreign), "{foreign}");
        }
        let open = Guard::new("t", "0.0.0.0:80".parse().unwrap());
        assert!(open.is_own("10.0.0.1") && open.is_own("10.0.0.1:80") && !open.is_own("rig.example"));
    }
}
