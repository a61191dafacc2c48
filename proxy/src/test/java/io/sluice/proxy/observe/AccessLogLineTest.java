package io.sluice.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.forward.DownstreamTls;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.Termination;
import io.sluice.service.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AccessLogLineTest {
    private static final long ENDED = Instant.parse("2026-10-05T09:08:07.006Z").toEpochMilli();
    /** What programs that read such logs expect: seven fields, of which no quoted one holds a quote. */
    private static final Pattern COMBINED = Pattern.compile(
            "(\\S+) - - \\[(\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000)] \"([^\"]*)\" (\\d{3}) (\\d+) \"([^\"]*)\" \"([^\"]*)\"");

    private static AccessLogEntry entry(
            String method, String target, String agent, AccessLogEntry.@Nullable Attempt last, int attempts) {
        return new AccessLogEntry(
                ENDED,
                "id-1",
                "4bf92f3577b34da6a3ce929d0e0e4736",
                "192.0.2.1",
                "10.0.0.1",
                method,
                "h.test",
                target,
                method.isEmpty() ? "" : "HTTP/2.0",
                new DownstreamTls("TLSv1.3", "TLS_AES_128_GCM_SHA256"),
                "",
                agent,
                "route",
                200,
                null,
                Termination.DONE,
                5,
                1234,
                7_000_000,
                attempts,
                last);
    }

    private static String line(AccessLogFormat format, AccessLogEntry entry) {
        LogLines lines = new LogLines();
        format.write(entry, lines);
        return lines.toString();
    }

    @Test
    void theCombinedFormatIsThatOfOtherServers() {
        assertThat(line(AccessLogFormat.COMBINED, entry("GET", "/a?b=c", "curl/8", null, 0)))
                .isEqualTo(
                        "192.0.2.1 - - [05/Oct/2026:09:08:07 +0000] \"GET /a?b=c HTTP/2.0\" 200 1234 \"-\" \"curl/8\"");
    }

    @Test
    void noFieldOfTheCombinedFormatCanBeForged() {
        String forged = "\" 200 0 \"-\" \"x\"\n192.0.2.9 - - [";
        for (String method : List.of("", "GET")) {
            String line = line(AccessLogFormat.COMBINED, entry(method, "/" + forged, forged, null, 0));
            assertThat(line).matches(COMBINED);
            assertThat(line).contains("\\x22 200 0 \\x22-\\x22 \\x22x\\x22\\x0A192.0.2.9");
        }
        assertThat(line(AccessLogFormat.COMBINED, entry("", "", "", null, 0))).contains(" \"-\" 200 ");
    }

    @Test
    void theJsonTellsEveryAttempt() throws Exception {
        AccessLogEntry.Attempt first = new AccessLogEntry.Attempt(
                "b1", "127.0.0.1:1", 503, Failure.STATUS_LISTED, false, 1_000_000, 2_000_000, 3_000_000, null);
        AccessLogEntry.Attempt last =
                new AccessLogEntry.Attempt("b2", "127.0.0.1:2", 200, null, true, 0, 2_500_000, 4_000_000, first);
        JsonNode json = Json.mapper().readTree(line(AccessLogFormat.JSON, entry("GET", "/\"", "curl/8", last, 2)));
        assertThat(json).isEqualTo(Json.mapper().readTree("""
                                        {"time":"2026-10-05T09:08:07.006Z","requestId":"id-1","traceId":"4bf92f3577b34da6a3ce929d0e0e4736",
                                        "client":"192.0.2.1","peer":"10.0.0.1","method":"GET","host":"h.test","target":"/\\"","protocol":"HTTP/2.0",
                                        "tls":"TLSv1.3","cipher":"TLS_AES_128_GCM_SHA256","userAgent":"curl/8","route":"route","status":200,
                                        "termination":"done","requestBytes":5,"responseBytes":1234,"durationMs":7.000,"retries":1,"attempts":[
                                        {"backend":"b1","address":"127.0.0.1:1","status":503,"failure":"status_listed","reused":false,
                                        "connectMs":1.000,"headMs":2.000,"durationMs":3.000},
                                        {"backend":"b2","address":"127.0.0.1:2","status":200,"reused":true,"headMs":2.500,"durationMs":4.000}]}
                                        """));
    }

    @Test
    void theDocumentationNamesEachTermination() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "operations.md"));
        String section =
                page.substring(page.indexOf("### What ended a request"), page.indexOf("## Rotating the access log"));
        assertThat(section.lines().filter(line -> line.startsWith("| `")).map(line -> line.split("`", -1)[1]))
                .containsExactlyElementsOf(Arrays.stream(Termination.values())
                        .map(Termination::label)
                        .toList());
    }
}
