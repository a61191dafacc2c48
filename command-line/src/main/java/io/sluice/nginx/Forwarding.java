package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import io.sluice.proxy.route.PathNormalizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code proxy_pass} and what goes with it. Where the file says nothing, nginx' defaults are written out, since those of the proxy are shorter: what
 * was answered before is answered then.
 */
final class Forwarding {
    private static final Pattern URL =
            Pattern.compile("(?i)(https?)://([^/$]+)(/[^$]*)?(\\$request_uri|\\$uri\\$is_args\\$args)?");
    private static final Duration MINUTE = Duration.ofSeconds(60);
    private static final int MOST_TRIES = 10;
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final Scope scope;
    private final Findings findings;
    private final Pools pools;
    private final Path folder;

    /** @param folder where relative paths start */
    Forwarding(Scope scope, Pools pools, Path folder) {
        this.scope = scope;
        this.folder = folder;
        this.findings = scope.findings();
        this.pools = pools;
    }

    /** A route's part; empty, with a finding, when the requests cannot be forwarded like this. */
    Optional<YamlMap> read(Directive pass, Place place) {
        findings.used(pass);
        String url = scope.substitute(pass.argument(0));
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            findings.leftOut(pass, "not a fixed http://host:port or http://upstream: CLOSED with 503 here");
            return Optional.empty();
        }
        boolean constant = url.equals(pass.argument(0));
        String refusal = refusal(matcher, place, constant);
        boolean named = pools.isDeclared(matcher.group(2));
        boolean tls = matcher.group(1).equalsIgnoreCase("https");
        Optional<Pool> pool = refusal == null
                ? pools.of(matcher.group(2), tls ? HTTPS : HTTP, pass)
                        .map(plain -> tls
                                ? pools.withTls(plain, tls(pass, named ? matcher.group(2) : ""), pass)
                                : pools.withoutTls(plain))
                : Optional.empty();
        if (pool.isEmpty()) {
            findings.leftOut(pass, (refusal == null ? "no address of a backend" : refusal) + ": CLOSED with 503 here");
            return Optional.empty();
        }
        YamlMap route = new YamlMap().put("pool", pool.get().name());
        String path = matcher.group(3);
        if (path != null && !path.equals(place.path())) {
            route.put("replace-prefix", path);
            if (!place.exact() && path.endsWith("/") != place.path().endsWith("/")) {
                findings.differs(
                        pass,
                        "replace-prefix replaces segments: where nginx joined two without a slash, or with two, there is one");
            }
        }
        new Headers(scope).ofRequests(route, named);
        scope.value("client_max_body_size").ifPresent(size -> maxBody(size, route));
        timeoutsAndRetries(pool.get(), route);
        HealthChecks.ofLocation(scope, pool.get().checks());
        transport();
        return Optional.of(route);
    }

    private @Nullable String refusal(Matcher url, Place place, boolean constant) {
        String path = url.group(3);
        if (path == null || path.equals(place.path())) {
            return null;
        }
        if (!path.equals(PathNormalizer.normalize(path))) {
            return "the path for the backend is not in normal form";
        }
        return constant || place.exact()
                ? null
                : "with a variable, nginx asks for this path whatever the client asked for";
    }

    /** @param upstream whose name backends have to show where nothing else is said; empty for their own */
    private YamlMap tls(Directive pass, String upstream) {
        boolean verified = scope.isOn("proxy_ssl_verify");
        boolean named = scope.isOn("proxy_ssl_server_name");
        String name = scope.value("proxy_ssl_name").orElse(verified || named ? upstream : "");
        YamlMap tls = new YamlMap().put("verify", verified ? null : Boolean.FALSE);
        if (verified) {
            tls.put("ca", file("proxy_ssl_trusted_certificate"));
        } else {
            findings.differs(pass, "tls.verify: false, as nginx does by default: nobody checks who the backend is");
        }
        if (name.matches("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")) {
            tls.put("server-name", name);
        } else if (!name.isEmpty()) {
            findings.leftOut(pass, "proxy_ssl_name: a fixed host name; here the backend's own");
        }
        String certificate = file("proxy_ssl_certificate");
        String key = file("proxy_ssl_certificate_key");
        if (certificate != null && key != null) {
            tls.put("certificate", certificate).put("key", key);
        }
        return tls;
    }

    private @Nullable String file(String directive) {
        return scope.value(directive)
                .filter(name -> !name.isEmpty() && name.indexOf('$') < 0 && name.indexOf('\0') < 0)
                .map(name -> folder.resolve(name).toString())
                .orElse(null);
    }

    private void maxBody(String size, YamlMap route) {
        Quantity.bytes(size).ifPresent(bytes -> route.put("max-body", bytes == 0 ? "1024TiB" : Quantity.shown(bytes)));
    }

    private void timeoutsAndRetries(Pool pool, YamlMap route) {
        Duration connect = time("proxy_connect_timeout");
        Duration read = time("proxy_read_timeout");
        Duration send = Stream.of("client_body_timeout", "proxy_send_timeout", "send_timeout")
                .map(this::time)
                .max(Comparator.naturalOrder())
                .orElse(MINUTE);
        YamlMap retry = new YamlMap();
        int tries = tries(pool);
        List<String> statuses = statuses();
        if (scope.value("proxy_next_upstream").filter("off"::equals).isPresent()) {
            tries = 1;
        }
        Duration between = scope.value("proxy_next_upstream_timeout")
                .flatMap(Quantity::time)
                .orElse(Duration.ZERO);
        Duration one = connect.plus(read);
        Duration all = between.isZero() ? one.multipliedBy(tries) : between.compareTo(one) > 0 ? between : one;
        route.put("connect-timeout", Quantity.shown(connect))
                .put("send-timeout", Quantity.shown(send))
                .put("head-timeout", Quantity.shown(read))
                .put("idle-timeout", Quantity.shown(read))
                .put("timeout", Quantity.shown(all))
                // An empty list is meant: nothing but failed connections and, once, timeouts.
                .put("retry", retry.put("tries", tries).putAlways("retry-on", statuses));
    }

    private int tries(Pool pool) {
        int several = Math.min(MOST_TRIES, Math.max(2, pool.size()));
        return scope.value("proxy_next_upstream_tries")
                .flatMap(text -> Quantity.number(text, 0, 1_000_000))
                .filter(number -> number > 0)
                .map(number -> Math.min(MOST_TRIES, number))
                .orElse(several);
    }

    private List<String> statuses() {
        Directive directive = scope.take("proxy_next_upstream");
        List<String> statuses = new ArrayList<>();
        for (String condition : directive == null ? List.<String>of() : directive.arguments()) {
            if (condition.matches("http_5\\d\\d")) {
                statuses.add(condition.substring("http_".length()));
            } else if (condition.matches("http_\\d+")) {
                findings.leftOut(Objects.requireNonNull(directive), condition + ": only 5xx are retried");
            } else if (condition.equals("non_idempotent")) {
                findings.leftOut(
                        Objects.requireNonNull(directive),
                        "non_idempotent: a POST may be repeated where senders mark each delivery; see retry.delivery-id-headers");
            } else if (condition.equals("invalid_header")) {
                findings.differs(
                        Objects.requireNonNull(directive), "invalid_header: an answer that is no HTTP is 502 at once");
            }
        }
        return statuses;
    }

    private void transport() {
        Directive buffering = scope.take("proxy_buffering");
        if (buffering != null && !buffering.argument(0).equals("off")) {
            findings.differs(
                    buffering,
                    "always off: a response is passed on as it comes and nothing is put on a disk, so a slow client keeps its backend busy");
        }
        Directive version = scope.take("proxy_http_version");
        if (version != null && !version.argument(0).equals("1.1")) {
            findings.differs(version, "backends are spoken to in HTTP/1.1");
        }
    }

    private Duration time(String name) {
        return scope.value(name)
                .flatMap(Quantity::time)
                .filter(duration -> !duration.isZero())
                .orElse(MINUTE);
    }
}
