package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.instance.deliver.DeliverSettings;
import io.sluice.instance.outbox.OutboxSettings;
import io.sluice.instance.receive.ReceiveSettings;
import io.sluice.instance.registration.RegistrationSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingProblem;
import io.sluice.service.settings.SettingsDocument;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstanceSettingsTest {
    private static InstanceSettings read(String yaml, Map<String, String> environment) {
        SettingsDocument document = SettingsDocument.parse("settings", yaml, environment, "SLUICE_INSTANCE");
        InstanceSettings settings = InstanceSettings.read(document.root(), environment, "this-host");
        document.finish();
        return settings;
    }

    @Test
    void defaults() {
        InstanceSettings settings = read("", Map.of());

        assertThat(settings.id()).isEqualTo("this-host");
        assertThat(settings.listener().host()).isEqualTo("127.0.0.1");
        assertThat(settings.listener().port()).isEqualTo(8000);
        assertThat(settings.listener().idleTimeout()).isEqualTo(Duration.ofSeconds(75));
        assertThat(settings.listener().maxConnections()).isEqualTo(10_000);
        assertThat(settings.listener().headTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(settings.listener().maxUriBytes()).isEqualTo(8 << 10);
        assertThat(settings.listener().maxHeaderBytes()).isEqualTo(40 << 10);
        assertThat(settings.listener().maxHeaders()).isEqualTo(100);
        assertThat(settings.admin().allowedHosts()).isEmpty();
        assertThat(settings.dataFolder()).isEqualTo(Path.of("data"));
        assertThat(settings.seeds().webhooks()).isEqualTo(Path.of("config/webhooks.json"));
        assertThat(settings.seeds().connections()).isEqualTo(Path.of("config/connections.json"));
        assertThat(settings.requireAuth()).isFalse();
        assertThat(settings.admin().token()).isNull();
        assertThat(settings.admin().throughProxy()).isFalse();
        assertThat(settings.admin().maxBodyBytes()).isEqualTo(4 << 20);
        assertThat(settings.drain())
                .isEqualTo(new DrainSettings(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(12)));
        assertThat(settings.receive()).isEqualTo(ReceiveSettings.defaults());
        assertThat(settings.outbox()).isEqualTo(OutboxSettings.defaults());
        assertThat(settings.deliver()).isEqualTo(DeliverSettings.defaults());
    }

    @Test
    void everyKeyIsRead() {
        InstanceSettings settings = read("""
                id: webhook-7
                host: 0.0.0.0
                port: 8123
                event-loops: 3
                max-connections: 50
                idle-timeout: 2m
                head-timeout: 3s
                max-uri: 4KiB
                max-header: 8KiB
                max-headers: 60
                data: /var/lib/sluice
                webhooks-file: /etc/w.json
                connections-file: /etc/c.json
                require-auth: true
                admin: {token: abc, allowed-hosts: [in.example], through-proxy: true, max-body: 1MiB, body-timeout: 5s}
                drain: {grace: 1s, shutdown-grace: 2s, shutdown-timeout: 3s}
                receive: {max-body-bytes: 2MiB}
                outbox: {segment-bytes: 1MiB, max-bytes: 10MiB, reserve-bytes: 2MiB, max-pending: 9, dedup-entries: 8}
                deliver: {concurrency: 2}
                """, Map.of());

        assertThat(settings.id()).isEqualTo("webhook-7");
        assertThat(settings.listener())
                .isEqualTo(new ListenerSettings(
                        "0.0.0.0", 8123, 3, 50, Duration.ofMinutes(2), Duration.ofSeconds(3), 4 << 10, 8 << 10, 60));
        assertThat(settings.dataFolder()).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(settings.seeds().webhooks()).isEqualTo(Path.of("/etc/w.json"));
        assertThat(settings.seeds().connections()).isEqualTo(Path.of("/etc/c.json"));
        assertThat(settings.requireAuth()).isTrue();
        assertThat(settings.admin().token()).isEqualTo(Secret.of("abc"));
        assertThat(settings.admin().allowedHosts()).containsExactly("in.example");
        assertThat(settings.admin().throughProxy()).isTrue();
        assertThat(settings.admin().maxBodyBytes()).isEqualTo(1 << 20);
        assertThat(settings.admin().bodyTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.drain())
                .isEqualTo(new DrainSettings(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3)));
        assertThat(settings.receive().maxBodyBytes()).isEqualTo(2 << 20);
        OutboxSettings defaults = OutboxSettings.defaults();
        assertThat(settings.outbox())
                .isEqualTo(new OutboxSettings(1 << 20, defaults.maxRecordBytes(), 10 << 20, 2 << 20, 9, 8));
        assertThat(settings.deliver().concurrency()).isEqualTo(2);
    }

    @Test
    void theVariablesOfExistingDeploymentsCountFirst() {
        InstanceSettings settings = read(
                "{id: a, webhooks-file: b, connections-file: c, port: 1}",
                Map.of(
                        "INSTANCE_ID", "webhook-2",
                        "CONFIG_RELOAD_ADMIN_TOKEN", "secret",
                        "WEBHOOKS_CONFIG_FILE", "/w.json",
                        "CONNECTIONS_CONFIG_FILE", "/c.json",
                        "SLUICE_INSTANCE_PORT", "8002",
                        "SLUICE_INSTANCE_DATA", "/data"));

        assertThat(settings.id()).isEqualTo("webhook-2");
        assertThat(settings.admin().token()).isEqualTo(Secret.of("secret"));
        assertThat(settings.seeds().webhooks()).isEqualTo(Path.of("/w.json"));
        assertThat(settings.seeds().connections()).isEqualTo(Path.of("/c.json"));
        assertThat(settings.listener().port()).isEqualTo(8002);
        assertThat(settings.dataFolder()).isEqualTo(Path.of("/data"));
    }

    @Test
    void everyMistakeIsTold() {
        InvalidSettingsException failure = catchThrowableOfType(
                InvalidSettingsException.class,
                () -> read("{prot: 1, port: 99999, drain: {grace: -1s}}", Map.of("INSTANCE_ID", "no good")));

        assertThat(failure.problems())
                .extracting(SettingProblem::key)
                .containsExactlyInAnyOrder("prot", "port", "drain.grace", "id");
    }

    @Test
    void anOutboxThatCouldNeverFreeASegmentIsRefused() {
        InvalidSettingsException failure = catchThrowableOfType(
                InvalidSettingsException.class,
                () -> read("outbox: {segment-bytes: 2MiB, max-bytes: 9MiB, reserve-bytes: 2MiB}", Map.of()));

        assertThat(failure.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo("outbox.max-bytes");
            assertThat(problem.expectation()).isEqualTo(">= 4 x segment-bytes (2MiB) + reserve-bytes (2MiB)");
        });
    }

    @Test
    void segmentsAreNoLargerThanTheLogTakes() {
        InvalidSettingsException failure = catchThrowableOfType(
                InvalidSettingsException.class,
                () -> read("outbox: {segment-bytes: 1025MiB, max-bytes: 100GiB}", Map.of()));

        assertThat(failure.problems()).extracting(SettingProblem::key).containsExactly("outbox.segment-bytes");
    }

    @Test
    void itRegistersWhereTheSettingsSay() {
        assertThat(read("", Map.of()).registration()).isNull();
        assertThat(read("""
                registration:
                  proxies: ["http://proxy-1:9500", "http://10.0.0.7:9500/"]
                  pool: webhooks
                  token: abc
                  address: 10.0.0.5:8000
                  weight: 3
                  drain-wait: 2s
                """, Map.of()).registration())
                .isEqualTo(new RegistrationSettings(
                        List.of(URI.create("http://proxy-1:9500"), URI.create("http://10.0.0.7:9500/")),
                        "webhooks",
                        Secret.of("abc"),
                        "10.0.0.5:8000",
                        3,
                        Duration.ofSeconds(2)));
    }

    @Test
    void everyMistakeOfARegistrationIsTold() {
        InvalidSettingsException failure = catchThrowableOfType(
                InvalidSettingsException.class,
                () -> read(
                        "registration: {proxies: ['proxy:9500', 'https://proxy:9500', 'http://proxy'], weight: 0, wait: 1s}",
                        Map.of()));

        assertThat(failure.problems())
                .extracting(SettingProblem::key)
                .containsExactlyInAnyOrder(
                        "registration.proxies[0]",
                        "registration.proxies[1]",
                        "registration.proxies[2]",
                        "registration.pool",
                        "registration.token-file",
                        "registration.weight",
                        "registration.wait");
    }

    @Test
    void theTokenDoesNotPrint() {
        assertThat(read("admin: {token: abcdef}", Map.of()).toString()).doesNotContain("abcdef");
    }
}
