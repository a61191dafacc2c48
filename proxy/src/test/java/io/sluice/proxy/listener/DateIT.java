package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RFC 9110 §6.6.1: every response that nobody dated leaves with the time at which it was made or came. */
class DateIT {
    @TempDir
    Path folder;

    private static void assertDated(TestProxy proxy, String target, int status) throws IOException {
        RawClient.Response response = RawClient.call(proxy.port(), "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(response.status()).isEqualTo(status);
        Instant date = ZonedDateTime.parse(response.header("Date"), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        assertThat(Duration.between(date, Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void responsesAreDated() throws Exception {
        Files.writeString(folder.resolve("a.txt"), "a");
        RouteSettings[] routes = {
            TestSettings.route("name: pool", "path: /pool"),
            TestSettings.route("name: files", "path: /files", "files: {root: '" + folder + "'}"),
            TestSettings.route("name: moved", "path: /moved", "redirect: {to: /pool}"),
            TestSettings.route("name: fixed", "path: /fixed", "respond: {status: 410}")
        };
        try (RawBackend backend = RawBackend.answering("ok");
                TestProxy proxy =
                        new TestProxy(TestProxy.fixedPool(backend), TestSettings.listener("port: 0"), routes)) {
            assertDated(proxy, "/pool", 200);
            assertDated(proxy, "/files/a.txt", 200);
            assertDated(proxy, "/files/b.txt", 404);
            assertDated(proxy, "/moved", 308);
            assertDated(proxy, "/fixed", 410);
            assertDated(proxy, "/nowhere", 404);
            assertDated(proxy, "/pool/%00", 400);
            assertDated(proxy, "/proxy-health", 200);
        }
    }
}
