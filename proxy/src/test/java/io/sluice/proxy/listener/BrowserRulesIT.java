package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.forward.ForwarderSettings;
import io.sluice.proxy.forward.TrustedPeers;
import io.sluice.proxy.forward.UpstreamSettings;
import io.sluice.proxy.route.BrowserRules;
import io.sluice.proxy.route.CorsSettings;
import io.sluice.proxy.route.HeaderChanges;
import io.sluice.proxy.route.RouteRules;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.SecuritySettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What routes tell browsers by themselves. */
class BrowserRulesIT {
    private static final String PAGE = "https://app.example.com";
    private static final CorsSettings CORS = new CorsSettings(
            Set.of(PAGE),
            List.of("GET", "PUT"),
            List.of("Content-Type", "X-Own"),
            List.of("X-Total"),
            true,
            Duration.ofMinutes(5));

    private static TestProxy proxy(RouteRules rules, RawBackend backend) {
        ForwarderSettings trusting = new ForwarderSettings(
                List.of("/proxy-health"),
                "sluice",
                TrustedPeers.of(List.of("127.0.0.0/8")),
                UpstreamSettings.defaults());
        return new TestProxy(
                TestProxy.fixedPool(backend),
                TestProxy.settings(trusting),
                RouteSettings.prefix("all", "/", "test").withRules(rules));
    }

    private static TestProxy secured(SecuritySettings security, RawBackend backend) {
        return proxy(RouteRules.NONE.withBrowsers(new BrowserRules(security, null)), backend);
    }

    private static TestProxy shared(CorsSettings cors, RawBackend backend) {
        return proxy(RouteRules.NONE.withBrowsers(new BrowserRules(null, cors)), backend);
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
                TestProxy proxy = secured(SecuritySettings.DEFAULT, backend)) {
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
                TestProxy proxy = secured(SecuritySettings.DEFAULT, backend)) {
            backend.stopListening();
            RawClient.Response response = call(proxy, "GET");
            assertThat(response.status()).isEqualTo(502);
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Test
    void whatTheBackendSaysItselfStays() throws Exception {
        try (RawBackend backend = answering("x-frame-options: DENY", "Strict-Transport-Security: max-age=1");
                TestProxy proxy = secured(SecuritySettings.DEFAULT, backend)) {
            RawClient.Response response = call(proxy, "GET", "X-Forwarded-Proto: https");
            assertThat(all(response, "x-frame-options")).containsExactly("DENY");
            assertThat(all(response, "strict-transport-security")).containsExactly("max-age=1");
            assertThat(response.header("Referrer-Policy")).isNotEmpty();
        }
    }

    @Test
    void unlessTheRouteOverridesIt() throws Exception {
        SecuritySettings overriding = new SecuritySettings("max-age=5", SecuritySettings.DEFAULT.others(), true);
        try (RawBackend backend = answering("x-frame-options: DENY", "Strict-Transport-Security: max-age=1");
                TestProxy proxy = secured(overriding, backend)) {
            RawClient.Response response = call(proxy, "GET", "X-Forwarded-Proto: https");
            assertThat(all(response, "x-frame-options")).containsExactly("SAMEORIGIN");
            assertThat(all(response, "strict-transport-security")).containsExactly("max-age=5");
        }
    }

    @Test
    void whatTheRouteRemovesByNameIsNotAddedAgain() throws Exception {
        HeaderChanges removing = new HeaderChanges(List.of("X-Frame-Options"), List.of());
        RouteRules rules = RouteRules.NONE
                .withBrowsers(new BrowserRules(SecuritySettings.DEFAULT, null))
                .withHeaders(HeaderChanges.NONE, removing);
        try (RawBackend backend = answering();
                TestProxy proxy = proxy(rules, backend)) {
            RawClient.Response response = call(proxy, "GET");
            assertThat(response.header("X-Frame-Options")).isEmpty();
            assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Test
    void aQuestionAboutAnAllowedOriginIsAnsweredByTheProxy() throws Exception {
        try (RawBackend backend = answering();
                TestProxy proxy = shared(CORS, backend)) {
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
                TestProxy proxy = shared(CORS, backend)) {
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
                TestProxy proxy = shared(CORS, backend)) {
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
        CorsSettings any =
                new CorsSettings(Set.of("*"), List.of("GET"), List.of(), List.of(), false, Duration.ofMinutes(5));
        try (RawBackend backend = answering();
                TestProxy proxy = shared(any, backend)) {
            RawClient.Response response = call(proxy, "GET", "Origin: https://anybody.example");
            assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(response.header("Access-Control-Allow-Credentials")).isEmpty();
            assertThat(response.header("Vary")).isEmpty();
        }
    }

    @Test
    void aQuestionIsAboutTheRouteOfTheMethodThatItAsksFor() throws Exception {
        RouteRules puts = RouteRules.NONE.withMethods(Set.of("PUT")).withBrowsers(new BrowserRules(null, CORS));
        RouteRules gets = RouteRules.NONE.withMethods(Set.of("GET"));
        try (RawBackend backend = answering();
                TestProxy proxy = new TestProxy(
                        TestProxy.fixedPool(backend),
                        TestProxy.settings(ForwarderSettings.defaults()),
                        RouteSettings.prefix("gets", "/", "test").withRules(gets),
                        RouteSettings.prefix("puts", "/", "test").withRules(puts))) {
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
