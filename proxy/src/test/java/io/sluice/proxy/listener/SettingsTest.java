package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proxy.forward.ForwarderSettings;
import io.sluice.proxy.forward.TracingSettings;
import io.sluice.proxy.health.EjectionSettings;
import io.sluice.proxy.health.ErrorRate;
import io.sluice.proxy.health.ExpectedResponse;
import io.sluice.proxy.health.HealthSettings;
import io.sluice.proxy.health.PassiveSettings;
import io.sluice.proxy.health.ProbeSettings;
import io.sluice.proxy.observe.AccessLogFormat;
import io.sluice.proxy.observe.AccessLogSettings;
import io.sluice.proxy.route.HostHeader;
import io.sluice.proxy.route.PathMatch;
import io.sluice.proxy.route.RetrySettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTimeouts;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.ClientCertificate;
import io.sluice.proxy.tls.TlsSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingsDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defaults, and which key is which field. */
class SettingsTest {
    @TempDir
    Path folder;

    private SettingsDocument document(String yaml) throws IOException {
        return SettingsDocument.read(Files.writeString(folder.resolve("x.yaml"), yaml), Map.of(), "TEST");
    }

    @Test
    void everythingHasADefault() throws IOException {
        SettingsDocument document = document("name: n\npath: /\npool: p\n");
        ListenerSettings listener = ListenerSettings.read(document.root().section("listener"));
        assertThat(listener.host()).isEqualTo("0.0.0.0");
        assertThat(listener.port()).isEqualTo(80);
        assertThat(listener.forwarder().healthPaths()).containsExactly("/proxy-health");
        assertThat(listener.forwarder().viaName()).isEqualTo("sluice");
        assertThat(listener.forwarder().upstream().idleTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(listener.forwarder().upstream().pingInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(listener.forwarder().upstream().pingTimeout()).isEqualTo(Duration.ofSeconds(5));
        RouteSettings route = RouteSettings.read(document.root());
        assertThat(route.pathMatch()).isEqualTo(PathMatch.PREFIX);
        assertThat(route.maxBodyBytes()).isEqualTo(1 << 20);
        assertThat(route.hostHeader()).isEqualTo(HostHeader.CLIENT);
        assertThat(route.upgrade()).isFalse();
        assertThat(route.accessLog()).isTrue();
        assertThat(route.timeouts())
                .isEqualTo(new RouteTimeouts(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(10)));
        assertThat(route.retry()).isEqualTo(new RetrySettings(3, Set.of(502, 503, 504), 1 << 20, List.of(), false));
        assertThat(HealthSettings.read(document.root().section("health")))
                .isEqualTo(new HealthSettings(
                        new ProbeSettings(
                                false,
                                "/",
                                "",
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(2),
                                2,
                                3,
                                new ExpectedResponse(0, "")),
                        new PassiveSettings(
                                3,
                                Duration.ofSeconds(10),
                                new ErrorRate(0, 20, Duration.ofSeconds(10)),
                                new EjectionSettings(Duration.ofMinutes(5), 50))));
        assertThat(AccessLogSettings.read(document.root().section("access-log")))
                .isEqualTo(new AccessLogSettings(true, AccessLogFormat.JSON, null, 16_384, 100 << 20, 5));
        document.finish();
    }

    @Test
    void readsAnAccessLog() throws IOException {
        SettingsDocument document =
                document("access-log: {format: combined, file: /a.log, queue: 9, max-size: 0, keep: 2}");
        assertThat(AccessLogSettings.read(document.root().section("access-log")))
                .isEqualTo(new AccessLogSettings(true, AccessLogFormat.COMBINED, Path.of("/a.log"), 9, 0, 2));
        document.finish();
    }

    @Test
    void readsAListener() throws IOException {
        SettingsDocument document = document("""
                host: 127.0.0.1
                port: 8080
                event-loops: 3
                max-connections: 7
                head-timeout: 1s
                keep-alive-timeout: 2s
                max-uri: 4KiB
                max-header: 16KiB
                replay-memory: 1MiB
                lame-duck: 5s
                stop-timeout: 6s
                health-path: /up
                health-aliases: [/nginx-health]
                via: edge
                trusted-peers: [10.0.0.0/8]
                upstream:
                  max-idle: 9
                  idle-timeout: 8s
                  freshness: 7s
                  ping-interval: 6s
                  ping-timeout: 4s
                """);
        ListenerSettings listener = ListenerSettings.read(document.root());
        document.finish();
        ForwarderSettings forwarder = listener.forwarder();
        assertThat(listener)
                .isEqualTo(new ListenerSettings(
                        "127.0.0.1",
                        8080,
                        3,
                        7,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        4096,
                        16384,
                        200,
                        1 << 20,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        forwarder,
                        new ClientLimits(0, 0, Duration.ofSeconds(5)),
                        new ProtocolSettings(false, false, null)));
        assertThat(forwarder.healthPaths()).containsExactly("/up", "/nginx-health");
        assertThat(forwarder.viaName()).isEqualTo("edge");
        assertThat(forwarder.trustedPeers().contains("10.1.1.1")).isTrue();
        assertThat(forwarder.upstream().maxIdlePerBackend()).isEqualTo(9);
        assertThat(forwarder.upstream().idleTimeout()).isEqualTo(Duration.ofSeconds(8));
        assertThat(forwarder.upstream().freshness()).isEqualTo(Duration.ofSeconds(7));
        assertThat(forwarder.upstream().pingInterval()).isEqualTo(Duration.ofSeconds(6));
        assertThat(forwarder.upstream().pingTimeout()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void readsProtocols() throws IOException {
        SettingsDocument document = document("""
                http2: true
                proxy-protocol: true
                trusted-peers: [10.0.0.0/8]
                tls:
                  port: 8443
                  certificates:
                    - {certificate: /a.pem, key: /a.key}
                    - {certificate: /b.pem, key: /b.key}
                  protocols: [TLSv1.3]
                  ciphers: [TLS_AES_256_GCM_SHA384]
                  client-auth: required
                  client-ca: /ca.pem
                  http2: false
                  reload-interval: 1m
                """);
        ListenerSettings listener = ListenerSettings.read(document.root());
        document.finish();
        assertThat(listener.port()).isEqualTo(ListenerSettings.NO_PORT);
        assertThat(listener.protocols())
                .isEqualTo(new ProtocolSettings(
                        true,
                        true,
                        new TlsSettings(
                                8443,
                                List.of(
                                        new CertificateFiles(Path.of("/a.pem"), Path.of("/a.key")),
                                        new CertificateFiles(Path.of("/b.pem"), Path.of("/b.key"))),
                                List.of("TLSv1.3"),
                                List.of("TLS_AES_256_GCM_SHA384"),
                                ClientCertificate.REQUIRED,
                                Path.of("/ca.pem"),
                                false,
                                Duration.ofMinutes(1))));
    }

    @Test
    void tlsHasDefaultsButForItsFiles() throws IOException {
        SettingsDocument document = document("port: 80\ntls: {certificates: [{certificate: /a.pem, key: /a.key}]}");
        ListenerSettings listener = ListenerSettings.read(document.root());
        document.finish();
        assertThat(listener.port()).isEqualTo(80);
        TlsSettings tls = Objects.requireNonNull(listener.protocols().tls());
        assertThat(listener.protocols()).isEqualTo(new ProtocolSettings(false, false, tls));
        assertThat(tls)
                .isEqualTo(new TlsSettings(
                        443,
                        List.of(new CertificateFiles(Path.of("/a.pem"), Path.of("/a.key"))),
                        List.of("TLSv1.3", "TLSv1.2"),
                        tls.ciphers(),
                        ClientCertificate.NONE,
                        null,
                        true,
                        Duration.ofSeconds(10)));
        assertThat(tls.ciphers()).hasSize(9);
    }

    @Test
    void tellsWhatIsMissingForTls() throws IOException {
        SettingsDocument document = document("""
                proxy-protocol: true
                tls: {protocols: [SSLv3], ciphers: [RC5], client-auth: optional}
                """);
        ListenerSettings.read(document.root());
        assertThatThrownBy(document::finish)
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        invalid -> assertThat(invalid.problems())
                                .extracting(problem -> problem.key())
                                .containsExactlyInAnyOrder(
                                        "proxy-protocol",
                                        "tls.certificates",
                                        "tls.protocols",
                                        "tls.ciphers",
                                        "tls.client-ca"));
    }

    @Test
    void readsARoute() throws IOException {
        SettingsDocument document = document("""
                name: n
                host: WWW.example.com
                exact-path: /a
                pool: p
                max-body: 2MiB
                host-header: backend
                upgrade: true
                access-log: false
                queue-timeout: 1s
                connect-timeout: 2s
                send-timeout: 3s
                head-timeout: 4s
                idle-timeout: 5s
                timeout: 6s
                retry:
                  tries: 2
                  retry-on: ["503"]
                  replay-limit: 64KiB
                  delivery-id-headers: [X-Id]
                  trust-not-accepted: true
                """);
        RouteSettings route = RouteSettings.read(document.root());
        document.finish();
        RouteTimeouts timeouts = new RouteTimeouts(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6));
        assertThat(route)
                .isEqualTo(new RouteSettings(
                        "n",
                        "www.example.com",
                        PathMatch.EXACT,
                        "/a",
                        "p",
                        timeouts,
                        new RetrySettings(2, Set.of(503), 65536, List.of("X-Id"), true),
                        2 << 20,
                        HostHeader.BACKEND,
                        true,
                        false,
                        route.rules()));
    }

    @Test
    void readsChecks() throws IOException {
        SettingsDocument document = document("""
                path: /health
                host: h
                interval: 1s
                timeout: 2s
                rise: 4
                fall: 5
                expected-status: 204
                expected-body: fine
                max-fails: 6
                fail-timeout: 7s
                error-rate: { percent: 30, min-requests: 10, window: 5s }
                ejection: { max-time: 1h, max-percent: 20 }
                """);
        HealthSettings health = HealthSettings.read(document.root());
        document.finish();
        assertThat(health)
                .isEqualTo(new HealthSettings(
                        new ProbeSettings(
                                true,
                                "/health",
                                "h",
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(2),
                                4,
                                5,
                                new ExpectedResponse(204, "fine")),
                        new PassiveSettings(
                                6,
                                Duration.ofSeconds(7),
                                new ErrorRate(30, 10, Duration.ofSeconds(5)),
                                new EjectionSettings(Duration.ofHours(1), 20))));
    }

    @Test
    void readsWhatAllExchangesShare() throws IOException {
        SettingsDocument document = document("""
                tunnel-close-window: 3s
                max-buffered: 100MiB
                tracing: { on: true, sampled-percent: 7 }
                """);
        ForwarderSettings settings = ForwarderSettings.read(document.root());
        document.finish();
        assertThat(settings.tunnelCloseWindow()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.maxBufferedBytes()).isEqualTo(100L << 20);
        assertThat(settings.tracing()).isEqualTo(new TracingSettings(true, 7));
        assertThat(ForwarderSettings.read(document("host: h").root()).tracing()).isEqualTo(TracingSettings.OFF);
    }

    @Test
    void tellsAllMistakesAtOnce() throws IOException {
        SettingsDocument document = document("""
                name: n
                path: /a/../b
                pool: p
                head-timeout: soon
                retry:
                  tries: 0
                  retry-on: ["404"]
                  trust-not-acepted: true
                """);
        RouteSettings.read(document.root());
        assertThatThrownBy(document::finish)
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        invalid -> assertThat(invalid.problems()).hasSize(5));
    }
}
