package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of metrics in the documentation and the page that is scraped name the same. */
class MetricsTableIT {
    private static final Path TABLE = Path.of("..", "docs", "operations.md");
    private static final Pattern ENTRY = Pattern.compile("`(sluice_proxy_[a-z_]+)(?:\\{([a-z,]+)})?`");
    private static final Pattern SERIES = Pattern.compile("(sluice_proxy_[a-z_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"(?:[^\"\\\\]|\\\\.)*\"");
    /** There with a section {@code listener.tls} only. */
    private static final Set<String> WITH_TLS =
            Set.of("sluice_proxy_tls_files_usable", "sluice_proxy_tls_certificate_expiry_seconds");

    @TempDir
    Path folder;

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Names with their labels. */
    private static Map<String, Set<String>> documented() throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        String text = Files.readString(TABLE);
        String section =
                text.substring(text.indexOf("## Metrics of the proxy"), text.indexOf("## Metrics of an instance"));
        section.lines().filter(line -> line.startsWith("| `")).forEach(line -> {
            Matcher entry = ENTRY.matcher(line.substring(0, line.indexOf('|', 1)));
            while (entry.find()) {
                String labels = entry.group(2) == null ? "" : entry.group(2);
                found.put(entry.group(1), names(labels.split(",", -1)));
            }
        });
        return found;
    }

    private static Set<String> names(String... labels) {
        Set<String> names = new TreeSet<>(Arrays.asList(labels));
        names.remove("");
        names.remove("le");
        return names;
    }

    private static Map<String, Set<String>> scraped(String page) {
        Map<String, String> families = new TreeMap<>();
        page.lines().filter(line -> line.startsWith("# TYPE sluice_proxy_")).forEach(line -> {
            String[] words = line.split(" ", -1);
            families.put(words[2], words[3]);
        });
        Map<String, Set<String>> found = new TreeMap<>();
        page.lines().forEach(line -> {
            Matcher series = SERIES.matcher(line);
            if (series.matches()) {
                String labels = series.group(2) == null ? "" : series.group(2);
                String[] names = LABEL.matcher(labels)
                        .results()
                        .map((MatchResult label) -> label.group(1))
                        .toArray(String[]::new);
                found.put(family(series.group(1), families), names(names));
            }
        });
        return found;
    }

    private static String family(String series, Map<String, String> families) {
        for (String suffix : new String[] {"_bucket", "_count", "_sum", "_max"}) {
            String base = series.endsWith(suffix) ? series.substring(0, series.length() - suffix.length()) : "";
            if (families.getOrDefault(base, "").matches("histogram|summary")) {
                return base;
            }
        }
        return series;
    }

    @Test
    void theTableAndTheScrapeAgree() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            HttpServer backend = await(vertx.createHttpServer()
                    .requestHandler(request -> request.response().end("fine"))
                    .listen(0, "127.0.0.1"));
            Files.writeString(folder.resolve("token"), "registration");
            Path file = folder.resolve("proxy.yaml");
            Files.writeString(
                    file, """
                        listener: { host: 127.0.0.1, port: 0, lame-duck: 0s }
                        admin: { host: 127.0.0.1, port: 0, token: token }
                        pools:
                          app:
                            backends: { a: { address: "127.0.0.1:%d" } }
                            discover: { name: app.internal, port: 80, name-servers: ["127.0.0.1:1"] }
                            registration: { token-file: token }
                        rate-limits:
                          clients: { key: client-ip, rate: 100/s }
                        routes:
                          - { name: all, path: /, pool: app, rate-limits: [{ zone: clients }] }
                        access-log: { file: "%s" }
                        data: "%s"
                        """.formatted(backend.actualPort(), folder.resolve("access.log"), folder.resolve("data")));
            ProxyProgram proxy =
                    new ProxyProgram(vertx, ProxySettings.read(file, Map.of()), Clock.systemUTC(), System::nanoTime);
            await(proxy.start());
            WebClient client = WebClient.create(vertx);
            assertThat(await(client.get(proxy.trafficPort(), "127.0.0.1", "/x").send())
                            .statusCode())
                    .isEqualTo(200);
            Map<String, Set<String>> scraped = scraped(
                    await(client.get(proxy.adminPort(), "127.0.0.1", "/metrics").send())
                            .bodyAsString());
            Map<String, Set<String>> documented = documented();
            WITH_TLS.forEach(documented::remove);
            assertThat(scraped).containsExactlyInAnyOrderEntriesOf(documented);
            await(proxy.stop());
        } finally {
            await(vertx.close());
        }
    }
}
