package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.balance.BalanceSettings;
import io.sluice.proxy.balance.HashKey;
import io.sluice.proxy.health.ErrorRate;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolLimits;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.SlowStart;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.sticky.StickySettings;
import io.sluice.proxy.tls.BackendTlsSettings;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingProblem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxySettingsTest {
    private static final Path SHIPPED = Path.of("../config/proxy.yaml");

    @TempDir
    private Path folder;

    private ProxySettings read(String yaml) throws Exception {
        Path file = folder.resolve("proxy.yaml");
        Files.writeString(file, yaml);
        return ProxySettings.read(file, Map.of());
    }

    @Test
    void theShippedFileServesWebhooksFromFiveInstancesAndNothingElse() {
        ProxySettings settings = ProxySettings.read(SHIPPED, Map.of());

        assertThat(settings.listener().port()).isEqualTo(80);
        assertThat(settings.admin().host()).isEqualTo("127.0.0.1");
        assertThat(settings.admin().port()).isEqualTo(9500);
        assertThat(settings.admin().token()).isNull();
        assertThat(settings.dataFolder()).isEqualTo(Path.of("data/proxy"));
        PoolSettings pool = settings.pools().get(0).pool();
        assertThat(pool.name()).isEqualTo("webhooks");
        assertThat(pool.waitForFirstPass()).isTrue();
        assertThat(pool.minInService()).isNull();
        assertThat(pool.backends())
                .extracting(BackendSettings::address)
                .containsExactly(
                        "webhook-1:8000", "webhook-2:8000", "webhook-3:8000", "webhook-4:8000", "webhook-5:8000");
        assertThat(pool.backends()).allMatch(b -> ("http://" + b.address()).equals(b.adminUrl()));
        assertThat(settings.pools().get(0).health().probes().path()).isEqualTo("/admin/health");
        assertThat(settings.routes()).extracting(RouteSettings::path).containsExactly("/webhook/");
        assertThat(settings.routes().get(0).retry().trustNotAccepted()).isTrue();
    }

    @Test
    void theEnvironmentOverridesKeysAndGivesTheToken() {
        ProxySettings settings = ProxySettings.read(
                SHIPPED,
                Map.of(
                        "SLUICE_PROXY_LISTENER_PORT", "18080",
                        "SLUICE_PROXY_DATA", "/var/lib/sluice",
                        "SLUICE_PROXY_TOKEN", "s3cret",
                        "SLUICE_PROXY_POOLS_WEBHOOKS_BACKENDS_WEBHOOK_2_ADDRESS", "10.0.0.2:9000"));
        assertThat(settings.listener().port()).isEqualTo(18080);
        assertThat(settings.dataFolder()).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(settings.admin().token()).isNotNull();
        assertThat(settings.toString()).doesNotContain("s3cret");
        assertThat(settings.pools().get(0).pool().backends().get(1).address()).isEqualTo("10.0.0.2:9000");
    }

    @Test
    void defaultsArePinned() throws Exception {
        ProxySettings settings = read("pools: {p: {backends: {a: {address: 'h:1'}}}}");
        PoolSettings pool = settings.pools().get(0).pool();
        assertThat(pool.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(pool.ignoreHealthWhenNoneLeft()).isTrue();
        assertThat(pool.waitForFirstPass()).as("nobody checks").isFalse();
        assertThat(pool.backends()).containsExactly(new BackendSettings("a", "h:1", null, 1));
        assertThat(settings.routes()).isEmpty();
    }

    @Test
    void registrationHasAListenerOfItsOwnWhereThereIsASection() throws Exception {
        String pools = "pools: {p: {backends: {a: {address: 'h:1'}}}}\n";
        assertThat(read(pools).registration()).isNull();
        assertThat(read(pools + "registration: {host: 10.0.0.2}").registration())
                .isEqualTo(
                        new AdminSettings("10.0.0.2", 9501, List.of(), null, 64 << 10, 1_024, Duration.ofSeconds(30)));
        AdminSettings all = read(pools + "registration: {host: 10.0.0.2, port: 1, max-connections: 7}")
                .registration();
        assertThat(all)
                .extracting(AdminSettings::port, AdminSettings::maxConnections)
                .containsExactly(1, 7);
        assertThat(catchThrowableOfType(InvalidSettingsException.class, () -> read(pools + "registration: {port: 1}")))
                .hasMessageContaining("registration.host");
    }

    @Test
    void balancingIsPlainUnlessAskedFor() throws Exception {
        ConfiguredPool plain =
                read("pools: {p: {backends: {a: {address: 'h:1'}}}}").pools().get(0);
        assertThat(plain.balance().algorithm()).isEqualTo(Algorithm.LEAST_CONNECTIONS);
        assertThat(plain.balance().hashKey()).isEqualTo(HashKey.NONE);
        assertThat(plain.sticky()).isNull();
        assertThat(plain.slowStart()).isNull();
        assertThat(plain.pool().limits()).isEqualTo(new PoolLimits(null, 1_000, 0));
        assertThat(plain.health().passive().errorRate()).isEqualTo(new ErrorRate(0, 20, Duration.ofSeconds(10)));
    }

    @Test
    void everyKeyOfBalancingReachesItsField() throws Exception {
        ConfiguredPool pool = read("""
                        pools:
                          p:
                            balance: consistent-hash
                            hash-on: "header:X-Tenant"
                            max-in-flight: 100
                            queue-limit: 50
                            panic-threshold: 40
                            slow-start: {window: 20s, aggression: 1.5, min-weight: 5}
                            sticky: {cookie: bound, max-age: 1h, secret: s3cret}
                            health:
                              error-rate: {percent: 30, min-requests: 10, window: 5s}
                            backends:
                              a: {address: 'h:1', backup: true, max-in-flight: 7}
                        """).pools().get(0);
        assertThat(pool.balance())
                .isEqualTo(
                        new BalanceSettings(Algorithm.CONSISTENT_HASH, new HashKey(HashKey.Kind.HEADER, "X-Tenant")));
        assertThat(pool.pool().limits()).isEqualTo(new PoolLimits(100, 50, 40));
        assertThat(pool.slowStart()).isEqualTo(new SlowStart(Duration.ofSeconds(20), 1.5, 5));
        assertThat(pool.sticky()).isEqualTo(new StickySettings("bound", Duration.ofHours(1), Secret.of("s3cret")));
        assertThat(pool.health().passive().errorRate()).isEqualTo(new ErrorRate(30, 10, Duration.ofSeconds(5)));
        assertThat(pool.pool().backends()).containsExactly(new BackendSettings("a", "h:1", null, 1, true, 7));
    }

    @Test
    void tlsToBackendsIsOnWhereThereIsASection() throws Exception {
        String pool = "pools: {p: {backends: {a: {address: 'h:1'}}%s}}";
        assertThat(read(pool.formatted("")).pools().get(0).tls()).isNull();
        assertThat(read(pool.formatted(", tls: {}")).pools().get(0).tls())
                .isEqualTo(new BackendTlsSettings(true, null, null, null, Duration.ofSeconds(10)))
                .isEqualTo(BackendTlsSettings.defaults());
        BackendTlsSettings all = read(pool.formatted(
                        ", tls: {ca: /c.pem, server-name: b.test, certificate: /o.pem, key: /o.key, reload-interval: 1m}"))
                .pools()
                .get(0)
                .tls();
        assertThat(all)
                .isEqualTo(new BackendTlsSettings(
                        true,
                        Path.of("/c.pem"),
                        "b.test",
                        new CertificateFiles(Path.of("/o.pem"), Path.of("/o.key")),
                        Duration.ofMinutes(1)));
        assertThat(read(pool.formatted(", tls: {verify: false}")).pools().get(0).tls())
                .isEqualTo(BackendTlsSettings.defaults().withoutVerification());
    }

    @Test
    void backendsSpeakHttp1UnlessTheFileSaysOtherwise() throws Exception {
        String pool = "pools: {p: {backends: {a: {address: 'h:1'}}%s}}";
        assertThat(read(pool.formatted("")).pools().get(0).http2()).isFalse();
        assertThat(read(pool.formatted(", protocol: http1")).pools().get(0).http2())
                .isFalse();
        assertThat(read(pool.formatted(", protocol: h2c")).pools().get(0).http2())
                .isTrue();
        assertThat(read(pool.formatted(", protocol: h2, tls: {}"))
                        .pools()
                        .get(0)
                        .http2())
                .isTrue();
        for (String wrong : new String[] {", protocol: h2", ", protocol: h2c, tls: {}", ", protocol: http3"}) {
            InvalidSettingsException invalid =
                    catchThrowableOfType(InvalidSettingsException.class, () -> read(pool.formatted(wrong)));
            assertThat(invalid.problems()).extracting(SettingProblem::key).containsExactly("pools.p.protocol");
        }
    }

    @Test
    void everyProblemOfTlsToBackendsIsNamedAtOnce() {
        InvalidSettingsException invalid = catchThrowableOfType(InvalidSettingsException.class, () -> read("""
                        pools:
                          p:
                            tls: {ca: /c.pem, verify: false, server-name: "a b", key: /o.key}
                            backends: {a: {address: 'h:1'}}
                        """));
        assertThat(invalid.problems())
                .extracting(SettingProblem::key)
                .containsExactlyInAnyOrder("pools.p.tls.ca", "pools.p.tls.server-name", "pools.p.tls.certificate");
    }

    @Test
    void everyProblemOfBalancingIsNamedAtOnce() {
        InvalidSettingsException invalid = catchThrowableOfType(InvalidSettingsException.class, () -> read("""
                        pools:
                          p: {balance: fastest, backends: {a: {address: 'h:1', max-in-flight: 0}}}
                          q:
                            balance: round-robin
                            hash-on: client-ip
                            panic-threshold: 10
                            ignore-health-when-none-left: false
                            slow-start: {aggression: 2}
                            sticky: {max-age: 1h}
                          r: {balance: consistent-hash, hash-on: header, sticky: {cookie: 'a b'}}
                        """));
        assertThat(invalid.problems())
                .extracting(SettingProblem::key)
                .containsExactlyInAnyOrder(
                        "pools.p.balance",
                        "pools.p.backends.a.max-in-flight",
                        "pools.q.hash-on",
                        "pools.q.panic-threshold",
                        "pools.q.slow-start.window",
                        "pools.q.sticky.cookie",
                        "pools.r.hash-on",
                        "pools.r.sticky.cookie");
    }

    @Test
    void everyProblemIsNamedAtOnce() {
        InvalidSettingsException invalid = catchThrowableOfType(InvalidSettingsException.class, () -> read("""
                        listner: {}
                        pools:
                          p:
                            min-in-service: 0
                            drain-timeout: -1s
                            backends:
                              a: {address: nowhere, weight: 0}
                              b: {}
                        routes:
                          - {name: r, path: /, pool: q}
                          - {name: r, path: /x, pool: p}
                        """));
        assertThat(invalid.problems())
                .extracting(SettingProblem::key)
                .containsExactlyInAnyOrder(
                        "listner",
                        "pools.p.min-in-service",
                        "pools.p.drain-timeout",
                        "pools.p.backends.a.address",
                        "pools.p.backends.a.weight",
                        "pools.p.backends.b.address",
                        "routes[0].pool",
                        "routes[1].name");
    }
}
