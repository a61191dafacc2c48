package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.route.RateLimitZone;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingsDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What routes do beyond forwarding to a pool, as their settings say it. */
class RoutesIT {
    @TempDir
    Path folder;

    private RouteSettings[] routes(String yaml) throws IOException {
        SettingsDocument document =
                SettingsDocument.read(Files.writeString(folder.resolve("x.yaml"), yaml), Map.of(), "TEST");
        Map<String, RateLimitZone> zones = new LinkedHashMap<>();
        document.root()
                .entries("rate-limits")
                .forEach((name, section) -> zones.put(name, RateLimitZone.read(name, section)));
        RouteSettings[] routes = document.root().items("routes").stream()
                .map(item -> RouteSettings.read(item, zones))
                .toArray(RouteSettings[]::new);
        document.finish();
        return routes;
    }

    private TestProxy proxy(String yaml, RawBackend... backends) throws IOException {
        ListenerSettings trusting =
                TestSettings.listener("health-aliases: [/nginx-health]", "trusted-peers: [127.0.0.0/8]");
        return new TestProxy(TestProxy.fixedPool(backends), trusting, routes(yaml));
    }

    private static RawClient.Response get(TestProxy proxy, String target, String... fields) throws IOException {
        return call(proxy, "GET", target, fields);
    }

    private static RawClient.Response call(TestProxy proxy, String method, String target, String... fields)
            throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return RawClient.call(proxy.port(), method + " " + target + " HTTP/1.1\r\nHost: h.test:81\r\n" + more + "\r\n");
    }

    @Test
    void methodsDecideBetweenRoutesOfOnePlaceOnly() throws Exception {
        String yaml = """
                routes:
                  - {name: all, path: /, respond: {body: all}}
                  - {name: read, path: /a, methods: [GET], respond: {body: read}}
                  - {name: write, path: /a, methods: [POST, PUT], respond: {body: write}}
                """;
        try (TestProxy proxy = proxy(yaml)) {
            assertThat(get(proxy, "/a/x").body()).isEqualTo("read");
            assertThat(call(proxy, "POST", "/a/x").body()).isEqualTo("write");
            assertThat(call(proxy, "DELETE", "/b").body()).isEqualTo("all");
            assertThat(call(proxy, "HEAD", "/a").status()).isEqualTo(200);
            RawClient.Response refused = call(proxy, "DELETE", "/a/x");
            assertThat(refused.status()).isEqualTo(405);
            assertThat(refused.header("Allow")).isEqualTo("GET, HEAD, POST, PUT");
        }
    }

    @Test
    void aHostMayEndInADotAndHaveAPort() throws Exception {
        String yaml = """
                routes:
                  - {name: any, path: /, respond: {body: any}}
                  - {name: one, host: a.test, path: /, respond: {body: one}}
                  - {name: wild, host: "*.b.test", path: /, respond: {body: wild}}
                """;
        try (TestProxy proxy = proxy(yaml)) {
            for (String host : List.of("a.test", "A.Test.", "a.test:80", "a.test.:80")) {
                assertThat(hostIs(proxy, host)).isEqualTo("one");
            }
            assertThat(hostIs(proxy, "x.b.test.")).isEqualTo("wild");
            assertThat(hostIs(proxy, "a.test..")).isEqualTo("any");
            assertThat(hostIs(proxy, ".")).isEqualTo("any");
        }
    }

    private static String hostIs(TestProxy proxy, String host) throws IOException {
        return RawClient.call(proxy.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .body();
    }

    @Test
    void respondsWithoutABackend() throws Exception {
        String yaml = """
                routes:
                  - {name: robots, exact-path: /robots.txt, respond: {body: "none\\n"}}
                  - {name: gone, path: /old, respond: {status: 410, content-type: text/html, body: <p>gone}}
                  - {name: empty, path: /empty, respond: {status: 204}}
                """;
        try (TestProxy proxy = proxy(yaml);
                RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 3; i++) {
                client.write("GET /robots.txt HTTP/1.1\r\nHost: h\r\n\r\n");
                RawClient.Response robots = client.read();
                assertThat(robots.body()).isEqualTo("none\n");
                assertThat(robots.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            }
            TestProxy.Seen seen = proxy.nextExchange();
            assertThat(seen.status()).isEqualTo(200);
            assertThat(seen.responseBytes()).isEqualTo(5);
            RawClient.Response gone = get(proxy, "/old/x");
            assertThat(gone.status()).isEqualTo(410);
            assertThat(gone.header("Content-Type")).isEqualTo("text/html");
            RawClient.Response empty = get(proxy, "/empty");
            assertThat(empty.status()).isEqualTo(204);
            assertThat(empty.head()).doesNotContain("Content-");
            RawClient.Response head = call(proxy, "HEAD", "/old");
            assertThat(head.header("Content-Length")).isEqualTo("7");
        }
    }

    @Test
    void backendsAreAskedForAnotherPathOnRoutesThatReplaceTheirs() throws Exception {
        String yaml = """
                routes:
                  - {name: live, path: /health, pool: test, replace-prefix: /api/health}
                  - {name: one, exact-path: /one, pool: test, replace-prefix: /other}
                  - {name: rest, path: /, pool: test}
                """;
        try (RawBackend backend = new RawBackend(RoutesIT::tellRequestLine);
                TestProxy proxy = proxy(yaml, backend)) {
            assertThat(get(proxy, "/health").body()).isEqualTo("GET /api/health HTTP/1.1");
            assertThat(get(proxy, "/health/live?deep=%2F").body()).isEqualTo("GET /api/health/live?deep=%2F HTTP/1.1");
            assertThat(get(proxy, "//he%61lth/x%2fy").body()).isEqualTo("GET /api/health/x%2Fy HTTP/1.1");
            assertThat(get(proxy, "/one?q").body()).isEqualTo("GET /other?q HTTP/1.1");
            assertThat(get(proxy, "/healthy").body()).isEqualTo("GET /healthy HTTP/1.1");
            assertThat(proxy.nextExchange().status()).isEqualTo(200);
        }
    }

    private static void tellRequestLine(RawBackend.Connection connection) throws IOException {
        for (String request = connection.readRequest(); !request.isEmpty(); request = connection.readRequest()) {
            connection.respond(200, request.substring(0, request.indexOf('\r')));
        }
    }

    @Test
    void theProxysHealthHasOtherNamesWhereTheyAreGiven() throws Exception {
        try (TestProxy proxy = proxy("routes: [{name: r, path: /, respond: {status: 404}}]")) {
            assertThat(get(proxy, "/nginx-health").status()).isEqualTo(200);
            assertThat(get(proxy, "/health").status()).isEqualTo(404);
        }
    }

    @Test
    void aBodyThatNobodyReadsEndsTheConnection() throws Exception {
        String yaml = "routes: [{name: r, path: /, respond: {body: ok}}]";
        try (TestProxy proxy = proxy(yaml);
                RawClient client = new RawClient(proxy.port())) {
            client.write(
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 37\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
            RawClient.Response response = client.read();
            assertThat(response.body()).isEqualTo("ok");
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.readHead()).isEmpty();
        }
    }

    @Test
    void redirectsKeepPathAndQuery() throws Exception {
        String yaml = """
                routes:
                  - {name: to-https, scheme: http, path: /, redirect: {to: "https://$host"}}
                  - {name: here, path: /, respond: {body: safe}}
                  - {name: moved, scheme: https, path: /old, redirect: {to: /new/, status: 301}}
                  - {name: one, scheme: https, path: /one, redirect: {to: "https://other.test/x", status: 302, keep-path: false, keep-query: false}}
                """;
        try (TestProxy proxy = proxy(yaml)) {
            RawClient.Response plain = get(proxy, "/a/./b?c=%20d");
            assertThat(plain.status()).isEqualTo(308);
            assertThat(plain.header("Location")).isEqualTo("https://h.test/a/b?c=%20d");
            String https = "X-Forwarded-Proto: https";
            assertThat(get(proxy, "/a", https).body()).isEqualTo("safe");
            RawClient.Response moved = get(proxy, "/old/x/y?z", https);
            assertThat(moved.status()).isEqualTo(301);
            assertThat(moved.header("Location")).isEqualTo("/new/x/y?z");
            assertThat(get(proxy, "/old", https).header("Location")).isEqualTo("/new/");
            assertThat(get(proxy, "/one/2?3", https).header("Location")).isEqualTo("https://other.test/x");
            RawClient.Response hostless = RawClient.call(proxy.port(), "GET / HTTP/1.0\r\n\r\n");
            assertThat(hostless.status()).isEqualTo(400);
        }
    }

    @Test
    void changesHeadersBothWays() throws Exception {
        String yaml = """
                routes:
                  - name: r
                    path: /
                    pool: test
                    request-headers:
                      set: {X-Client: "$client-ip via $scheme", X-Tier: gold}
                      add: {X-More: "$host $$ $request-id"}
                      remove: [Cookie]
                    response-headers:
                      set: {X-Frame-Options: DENY}
                      add: {X-Id: $request-id}
                      remove: [Server]
                """;
        try (RawBackend backend = new RawBackend(connection -> {
                    while (!connection.readRequest().isEmpty()) {
                        connection.respond(200, "ok", "Server: x", "X-frame-options: ALLOW", "X-Kept: 1", "server: y");
                    }
                });
                TestProxy proxy = proxy(yaml, backend)) {
            RawClient.Response response = get(
                    proxy, "/", "x-tier: lead", "cookie: a", "X-More: own", "X-Forwarded-For: 10.9.8.7", "Accept: b");
            String id = response.header("X-Request-ID");
            assertThat(backend.nextRequest())
                    .contains("X-More: own\r\n", "Accept: b\r\n", "X-Tier: gold\r\n", "X-Client: 10.9.8.7 via http\r\n")
                    .contains("X-More: h.test $ " + id + "\r\n")
                    .doesNotContainIgnoringCase("cookie")
                    .doesNotContain("lead");
            assertThat(response.head())
                    .contains("X-Frame-Options: DENY\r\n", "X-Kept: 1\r\n", "X-Id: " + id + "\r\n")
                    .doesNotContainIgnoringCase("server:")
                    .doesNotContain("ALLOW");
            backend.stopListening();
            RawClient.Response failed = get(proxy, "/");
            assertThat(failed.status()).isEqualTo(502);
            assertThat(failed.header("X-Frame-Options")).isEqualTo("DENY");
        }
    }

    @Test
    void refusesWhatIsBeyondTheRate() throws Exception {
        String yaml = """
                rate-limits:
                  per-client: {rate: 1/m}
                  per-key: {key: "header:X-Key", rate: 1/m}
                routes:
                  - name: r
                    path: /
                    pool: test
                    rate-limits: [{zone: per-client, burst: 2, no-delay: true}]
                  - {name: keyed, path: /keyed, pool: test, rate-limits: [{zone: per-key}]}
                """;
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(yaml, backend)) {
            for (int i = 0; i < 3; i++) {
                assertThat(get(proxy, "/").status()).isEqualTo(200);
                proxy.nextExchange();
            }
            RawClient.Response refused = get(proxy, "/");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(50, 63);
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.RATE_LIMITED);
            assertThat(get(proxy, "/", "X-Forwarded-For: 10.0.0.1").status()).isEqualTo(200);
            assertThat(get(proxy, "/keyed").status()).isEqualTo(200);
            assertThat(get(proxy, "/keyed").status()).isEqualTo(200);
            assertThat(get(proxy, "/keyed", "x-key: a").status()).isEqualTo(200);
            assertThat(get(proxy, "/keyed", "x-key: a").status()).isEqualTo(429);
            assertThat(get(proxy, "/keyed", "x-key: b").status()).isEqualTo(200);
        }
    }

    @Test
    void delaysWhatComesEarlyWithItsBody() throws Exception {
        String yaml = """
                rate-limits: {all: {key: route, rate: 20/s}}
                routes: [{name: r, path: /, pool: test, rate-limits: [{zone: all, burst: 10}]}]
                """;
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(yaml, backend);
                RawClient first = new RawClient(proxy.port());
                RawClient second = new RawClient(proxy.port())) {
            String request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
            first.write(request + "first");
            assertThat(first.read().status()).isEqualTo(200);
            second.write(request + "seco");
            first.write(request + "third");
            second.write("n");
            assertThat(second.read().status()).isEqualTo(200);
            assertThat(first.read().status()).isEqualTo(200);
            assertThat(List.of(backend.nextRequest(), backend.nextRequest(), backend.nextRequest()))
                    .anyMatch(seen -> seen.endsWith("\r\n\r\nfirst"))
                    .anyMatch(seen -> seen.endsWith("\r\n\r\nsecon"))
                    .anyMatch(seen -> seen.endsWith("\r\n\r\nthird"));
            assertThat(proxy.listener().rateLimiters())
                    .singleElement()
                    .satisfies(zone -> assertThat(zone.delayed()).isPositive());
        }
    }

    @Test
    void aClientThatLeavesWhileItIsDelayedIsForgotten() throws Exception {
        String yaml = """
                rate-limits: {all: {key: route, rate: 1/m}}
                routes: [{name: r, path: /, pool: test, rate-limits: [{zone: all, burst: 10}]}]
                """;
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy = proxy(yaml, backend)) {
            assertThat(get(proxy, "/").status()).isEqualTo(200);
            proxy.nextExchange();
            try (RawClient client = new RawClient(proxy.port())) {
                client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                Waiting.until(
                        "delayed",
                        () -> proxy.listener().rateLimiters().stream().anyMatch(zone -> zone.delayed() > 0));
            }
            assertThat(proxy.nextExchange().failure()).isEqualTo(Failure.CLIENT_GONE);
        }
    }

    @Test
    void theFallbackServesWhileNobodyElseCan() throws Exception {
        String yaml = "routes: [{name: r, path: /, pool: test, fallback: other}]";
        try (RawBackend backend = RawBackend.answering("own");
                RawBackend spare = RawBackend.answering("spare")) {
            RouteSettings[] routes = routes(yaml);
            BackendPool other = TestProxy.fixedPool(spare);
            try (TestProxy proxy = TestProxy.withFallback(TestProxy.fixedPool(backend), other, routes)) {
                assertThat(get(proxy, "/").body()).isEqualTo("own");
            }
            try (TestProxy proxy = TestProxy.withFallback(TestProxy.fixedPool(), other, routes)) {
                assertThat(get(proxy, "/").body()).isEqualTo("spare");
                assertThat(proxy.nextExchange().attemptFailures()).containsExactly("b1:200");
            }
            assertThat(other.snapshot().backend("b1").orElseThrow().inFlight()).isZero();
        }
    }

    @Test
    void everyMistakeIsNamed() {
        assertThatThrownBy(() -> routes("""
                        rate-limits: {z: {rate: fast, key: cookie}}
                        routes:
                          - {name: a, path: /}
                          - {name: b, path: /, pool: p, redirect: {to: "//evil"}, respond: {status: 700}}
                          - name: c
                            path: /
                            host: "a.test:80"
                            methods: [get, TRACE]
                            scheme: ftp
                            files: {index: a/b}
                            request-headers: {set: {Host: x, X-A: $nothing}, remove: [Connection, "a b"]}
                            response-headers: {add: {Content-Length: "1"}}
                            rate-limits: [{zone: nowhere, burst: -1}]
                            compression: {on: true, types: [Text], level: 10}
                        """))
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        invalid -> assertThat(invalid.problems().stream().map(problem -> problem.key()))
                                .containsExactlyInAnyOrder(
                                        "rate-limits.z.rate",
                                        "rate-limits.z.key",
                                        "routes[0].pool",
                                        "routes[1].redirect",
                                        "routes[1].redirect.to",
                                        "routes[1].respond.status",
                                        "routes[2].host",
                                        "routes[2].methods",
                                        "routes[2].methods",
                                        "routes[2].scheme",
                                        "routes[2].files.root",
                                        "routes[2].files.index",
                                        "routes[2].request-headers.set.Host",
                                        "routes[2].request-headers.set.X-A",
                                        "routes[2].request-headers.remove",
                                        "routes[2].request-headers.remove",
                                        "routes[2].response-headers.add.Content-Length",
                                        "routes[2].rate-limits[0].zone",
                                        "routes[2].rate-limits[0].burst",
                                        "routes[2].compression.types",
                                        "routes[2].compression.level"));
    }
}
