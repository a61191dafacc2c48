package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What routes tell browsers by themselves. */
class BrowserRulesIT {
    private static final String PAGE = "https://app.example.com";
    private static final String CORS = "cors: {origins: ['" + PAGE
            + "'], methods: [GET, PUT], headers: [Content-Type, X-Own], expose-headers: [X-Total], credentials: true, max-age: 5m}";
    private static final String SECURITY = "security-headers: true";

    private static TestProxy proxy(RawBackend backend, String... rules) {
        return new TestProxy(
                TestProxy.fixedPool(backend),
                TestSettings.listener("trusted-peers: [127.0.0.0/8]"),
                TestSettings.route(rules));
    }

    private static RawBackend answering(String... fields) {
        return new RawBackend(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.respond(200, "ok", fields);
            }
        });
    }

    private static RawClient.Response call(TestProxy proxy, String method, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return RawClient.call(proxy.port(), method + " / HTTP/1.1\r\nHost: h\r\n" + more + "\r\n");
    }

    private static List<String> all(RawClient.Response response, String name) {
        return Arrays.stream(response.head().split("\r\n", -1))
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .toList();
    }

    @Test
    void responsesGetTheSecurityHeaders() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(backend, SECURITY)) {
            RawClient.Response response = call(proxy, "GET");
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(response.header("X-Frame-Options")).isEqualTo("SAMEORIGIN");
            assertThat(response.header("Content-Security-Policy")).isEqualTo("frame-ancestors 'self'");
            assertThat(response.header("Referrer-Policy")).isEqualTo("strict-origin-when-cross-origin");
            assertThat(response.header("Strict-Transport-Security")).isEmpty();
            assertThat(call(proxy, "GET", "X-Forwarded-Proto: https").header("Strict-Transport-Security"))
                    .isEqualTo("max-age=31536000");
        }
    }

    @Test
    void theProxysOwnAnswersGetThemToo() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(backend, SECURITY)) {
            backend.stopListening();
            RawClient.Response response = call(proxy, "GET");
            assertThat(response.status()).isEqualTo(502);
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Test
    void whatTheBackendSaysItselfStays() throws Exception {
        try (RawBackend backend = answering("x-frame-options: DENY", "Strict-Transport-Security: max-age=1");
                TestProxy proxy = proxy(backend, SECURITY)) {
            RawClient.Response response = call(proxy, "GET", "X-Forwarded-Proto: https");
            assertThat(all(response, "x-frame-options")).containsExactly("DENY");
            assertThat(all(response, "strict-transport-security")).containsExactly("max-age=1");
            assertThat(response.header("Referrer-Policy")).isNotEmpty();
        }
    }

    @Test
    void unlessTheRouteOverridesIt() throws Exception {
        try (RawBackend backend = answering("x-frame-options: DENY", "Strict-Transport-Security: max-age=1");
                TestProxy proxy = proxy(backend, "security-headers: {hsts: 5s, override: true}")) {
            RawClient.Response response = call(proxy, "GET", "X-Forwarded-Proto: https");
            assertThat(all(response, "x-frame-options")).containsExactly("SAMEORIGIN");
            assertThat(all(response, "strict-transport-security")).containsExactly("max-age=5");
        }
    }

    @Test
    void whatTheRouteRemovesByNameIsNotAddedAgain() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(backend, SECURITY, "response-headers: {remove: [X-Frame-Options]}")) {
            RawClient.Response response = call(proxy, "GET");
            assertThat(response.header("X-Frame-Options")).isEmpty();
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Test
    void aQuestionAboutAnAllowedOriginIsAnsweredByTheProxy() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(backend, CORS)) {
            RawClient.Response response =
                    call(proxy, "OPTIONS", "Origin: " + PAGE, "Access-Control-Request-Method: PUT");
            assertThat(response.status()).isEqualTo(204);
            assertThat(all(response, "access-control-allow-origin")).containsExactly(PAGE);
            assertThat(response.header("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(response.header("Access-Control-Allow-Methods")).isEqualTo("GET, PUT");
            assertThat(response.header("Access-Control-Allow-Headers")).isEqualTo("Content-Type, X-Own");
            assertThat(response.header("Access-Control-Max-Age")).isEqualTo("300");
            assertThat(response.header("Vary")).isEqualTo("Origin");
            assertThat(backend.requests).isEmpty();
        }
    }

    @Test
    void anotherOriginIsToldNothing() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(backend, CORS)) {
            String other = "Origin: https://app.example.com.evil.example";
            RawClient.Response question = call(proxy, "OPTIONS", other, "Access-Control-Request-Method: PUT");
            assertThat(question.status()).isEqualTo(204);
            assertThat(question.head()).doesNotContainIgnoringCase("access-control-");
            assertThat(question.header("Vary")).isEqualTo("Origin");
            RawClient.Response request = call(proxy, "GET", other);
            assertThat(request.head()).doesNotContainIgnoringCase("access-control-");
            assertThat(request.header("Vary")).isEqualTo("Origin");
        }
    }

    @Test
    void theProxyAloneSpeaksForTheRoute() throws Exception {
        try (RawBackend backend = answering("Access-Control-Allow-Origin: *", "access-control-max-age: 9");
                TestProxy proxy = proxy(backend, CORS)) {
            RawClient.Response response = call(proxy, "GET", "Origin: " + PAGE);
            assertThat(response.body()).isEqualTo("ok");
            assertThat(all(response, "access-control-allow-origin")).containsExactly(PAGE);
            assertThat(response.header("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(response.header("Access-Control-Expose-Headers")).isEqualTo("X-Total");
            assertThat(response.header("Access-Control-Max-Age")).isEmpty();
            assertThat(call(proxy, "GET").head()).doesNotContainIgnoringCase("access-control-");
        }
    }

    @Test
    void anyOriginNeedsNoVary() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(backend, "cors: {origins: ['*'], methods: [GET]}")) {
            RawClient.Response response = call(proxy, "GET", "Origin: https://anybody.example");
            assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(response.header("Access-Control-Allow-Credentials")).isEmpty();
            assertThat(response.header("Vary")).isEmpty();
        }
    }

    @Test
    void aQuestionIsAboutTheRouteOfTheMethodThatItAsksFor() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = new TestProxy(
                        TestProxy.fixedPool(backend),
                        TestSettings.listener(),
                        TestSettings.route("name: gets", "methods: [GET]"),
                        TestSettings.route("name: puts", "methods: [PUT]", CORS))) {
            String[] fields = {"Origin: " + PAGE, "Access-Control-Request-Method: PUT"};
            assertThat(call(proxy, "OPTIONS", fields).header("Access-Control-Allow-Origin"))
                    .isEqualTo(PAGE);
            assertThat(call(proxy, "OPTIONS", fields[0], "Access-Control-Request-Method: GET")
                            .status())
                    .isEqualTo(405);
            // Not a question of CORS.
            assertThat(call(proxy, "OPTIONS", fields[0]).status()).isEqualTo(405);
        }
    }
}
