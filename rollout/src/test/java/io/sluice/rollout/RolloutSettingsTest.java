package io.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.rollout.api.RolloutDefaults;
import io.sluice.rollout.catchup.CatchUpSettings;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.UnreachablePolicy;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutSettingsTest {
    @Test
    void nothingAtAllGivesTheDefaults() {
        RolloutSettings settings = settings("", Map.of());

        assertThat(settings.listen().host()).isEqualTo("127.0.0.1");
        assertThat(settings.listen().port()).isEqualTo(9510);
        assertThat(settings.listen().token()).isNull();
        assertThat(settings.data()).isEqualTo(Path.of("data/rollout"));
        assertThat(settings.proxies()).containsExactly("http://127.0.0.1:9500");
        assertThat(settings.callTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.defaults()).isEqualTo(RolloutDefaults.STANDARD);
        assertThat(settings.maxAway()).isEqualTo(Duration.ofMinutes(15));
        assertThat(settings.catchUp()).isEqualTo(CatchUpSettings.defaults());
        assertThat(settings.log()).isEqualTo(LogSettings.DEFAULTS);
    }

    @Test
    void theShippedFileSaysWhatTheDefaultsAre() {
        RolloutSettings shipped = RolloutSettings.read(Path.of("../config/rollout.yaml"), Map.of());

        assertThat(shipped).isEqualTo(settings("", Map.of()));
    }

    @Test
    void everyKeyReachesItsField() {
        RolloutSettings settings = settings("""
                listen: {host: 0.0.0.0, port: 1234, allowed-hosts: [engine]}
                data: /var/lib/sluice
                proxies: ["http://proxy:9500"]
                call-timeout: 2s
                defaults:
                  batch-size: 3
                  bake: 4s
                  settle: 5s
                  on-failure: rollback
                  on-unreachable: halt
                  deadlines: {reach: 1s, drain: 2s, apply: 3s, health: 4s, proxy: 5s}
                recovery: {max-away: 1h}
                catch-up: {interval: 1s, first-backoff: 2s, max-backoff: 3s}
                log: {format: json, level: debug}
                """, Map.of());

        assertThat(settings.listen().host()).isEqualTo("0.0.0.0");
        assertThat(settings.listen().port()).isEqualTo(1234);
        assertThat(settings.listen().allowedHosts()).containsExactly("engine");
        assertThat(settings.data()).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(settings.proxies()).containsExactly("http://proxy:9500");
        assertThat(settings.callTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.defaults().strategy().batch()).isEqualTo(3);
        assertThat(settings.defaults().strategy().bake()).isEqualTo(Duration.ofSeconds(4));
        assertThat(settings.defaults().strategy().settle()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.defaults().onFailure()).isEqualTo(FailurePolicy.ROLLBACK);
        assertThat(settings.defaults().onUnreachable()).isEqualTo(UnreachablePolicy.HALT);
        assertThat(settings.defaults().deadlines().reach()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.defaults().deadlines().proxy()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.maxAway()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.catchUp().interval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.catchUp().firstBackoff()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.catchUp().maxBackoff()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.log().format()).isEqualTo(LogSettings.Format.JSON);
    }

    @Test
    void tokensComeFromTheEnvironmentAndAreNotPrinted() {
        RolloutSettings settings = settings(
                "",
                Map.of(
                        "SLUICE_ROLLOUT_TOKEN", "one-token",
                        "SLUICE_PROXY_TOKEN", "two-token",
                        "CONFIG_RELOAD_ADMIN_TOKEN", "three-token",
                        "SLUICE_ROLLOUT_LISTEN_PORT", "4321"));

        assertThat(settings.listen().token()).isEqualTo(Secret.of("one-token"));
        assertThat(settings.proxyToken()).isEqualTo(Secret.of("two-token"));
        assertThat(settings.instanceToken()).isEqualTo(Secret.of("three-token"));
        assertThat(settings.listen().port()).isEqualTo(4321);
        assertThat(settings.toString()).doesNotContain("one-token", "two-token", "three-token");
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        InvalidSettingsException problems =
                catchThrowableOfType(InvalidSettingsException.class, () -> settings("""
                        proxies: ["ftp://x", "http://y"]
                        defaults: {batch-size: 0}
                        catchup: {}
                        """, Map.of()));

        assertThat(problems.problems()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(problems.getMessage()).contains("batch-size", "catchup", "ftp://x");
    }

    private static RolloutSettings settings(String yaml, Map<String, String> environment) {
        return RolloutSettings.of(SettingsDocument.parse("rollout.yaml", yaml, environment, "SLUICE_ROLLOUT"));
    }
}
