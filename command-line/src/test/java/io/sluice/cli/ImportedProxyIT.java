package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sluice.proxy.ProxyProgram;
import io.sluice.proxy.ProxySettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that runs on what was imported. */
@Timeout(60)
class ImportedProxyIT {
    private static final String CONFIGURATION = """
            upstream app {
                least_conn;
                server 127.0.0.1:PORT max_fails=2 fail_timeout=5s;
                keepalive 8;
            }
            limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;
            server {
                listen 8080;
                server_name _;
                add_header X-Frame-Options DENY always;
                proxy_set_header Host $host;
                location / { proxy_pass http://app; proxy_hide_header X-Secret; proxy_set_header X-Made "by $scheme"; }
                location /limited/ { limit_req zone=few; limit_req_status 429; proxy_pass http://app; }
                location /files/ { alias FOLDER/; expires 1d; }
                location /guarded { auth_basic "who"; proxy_pass http://app; }
                location = /health { return 200 "up\\n"; }
                location /old { return 301 https://$host$request_uri; }
            }
            server {
                listen 8080;
                server_name other.example;
                return 403;
            }
            """;

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpServer backend;
    private ProxyProgram proxy;

    @BeforeEach
    void start() throws Exception {
        backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backend.createContext("/", exchange -> {
            byte[] answer = (exchange.getRequestURI() + " "
                            + exchange.getRequestHeaders().getFirst("X-Made") + " "
                            + exchange.getRequestHeaders().getFirst("X-Forwarded-For"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-Secret", "s");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        backend.start();
        Files.writeString(Files.createDirectory(folder.resolve("public")).resolve("a.txt"), "a file");
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(
                configuration,
                CONFIGURATION
                        .replace("PORT", String.valueOf(backend.getAddress().getPort()))
                        .replace("FOLDER", folder.resolve("public").toString()));
        Path yaml = folder.resolve("proxy.yaml");
        int code =
                new CapturedConsole(false).run(folder, "import-nginx", configuration.toString(), "-o", yaml.toString());
        assertThat(code).isEqualTo(ExitCode.PARTIAL);
        // The importer knows nothing of the ports that are free here.
        Map<String, String> environment = Map.of(
                "SLUICE_PROXY_LISTENER_HOST", "127.0.0.1",
                "SLUICE_PROXY_LISTENER_PORT", "0",
                "SLUICE_PROXY_ADMIN_PORT", "0",
                "SLUICE_PROXY_DATA", folder.resolve("data").toString(),
                "SLUICE_PROXY_ACCESS_LOG_ON", "false");
        proxy = new ProxyProgram(vertx, ProxySettings.read(yaml, environment), Clock.systemUTC(), System::nanoTime);
        proxy.start().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.stop().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        backend.stop(0);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + proxy.trafficPort() + path);
        return client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itAnswersAsTheConfigurationSays() throws Exception {
        HttpResponse<String> forwarded = get("/some/path?q=1");
        assertThat(forwarded.body()).isEqualTo("/some/path?q=1 by http 127.0.0.1");
        assertThat(forwarded.headers().firstValue("X-Frame-Options")).contains("DENY");
        assertThat(forwarded.headers().firstValue("X-Secret")).isEmpty();

        assertThat(get("/health").body()).isEqualTo("up\n");
        assertThat(get("/guarded/x").statusCode()).isEqualTo(403);
        assertThat(get("/old/x?y").headers().firstValue("Location")).contains("https://127.0.0.1/old/x?y");

        HttpResponse<String> file = get("/files/a.txt");
        assertThat(file.body()).isEqualTo("a file");
        assertThat(file.headers().firstValue("Cache-Control")).contains("max-age=86400");

        assertThat(get("/limited/a").statusCode()).isEqualTo(200);
        assertThat(get("/limited/b").statusCode()).isEqualTo(429);
        assertThat(get("/limited").headers().firstValue("Location")).contains("/limited/");
    }
}
