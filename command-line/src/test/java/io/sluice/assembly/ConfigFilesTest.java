package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.InstanceSettings;
import io.sluice.proxy.ProxySettings;
import io.sluice.rollout.RolloutSettings;
import io.sluice.service.json.Json;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.SettingsDocument;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The files in {@code config/} are what people start from, so each one must load. */
class ConfigFilesTest {
    private static final Path CONFIG = Path.of("..", "config");

    @Test
    void proxyYamlDescribesTheWebhookPoolBehindItsRoute() {
        ProxySettings settings = ProxySettings.read(CONFIG.resolve("proxy.yaml"), Map.of());

        assertThat(settings.listener().port()).isEqualTo(80);
        assertThat(settings.admin().port()).isEqualTo(9500);
        assertThat(settings.admin().host()).isEqualTo("127.0.0.1");
        assertThat(settings.pools()).hasSize(1);
        assertThat(settings.pools().get(0).pool().backends())
                .hasSize(5)
                .allSatisfy(backend -> assertThat(backend.adminUrl()).isNotNull());
        assertThat(settings.routes()).hasSize(1);
        assertThat(settings.routes().get(0).pool()).isEqualTo("webhooks");
    }

    @Test
    void rolloutYamlPointsAtTheProxy() {
        RolloutSettings settings = RolloutSettings.read(CONFIG.resolve("rollout.yaml"), Map.of());

        assertThat(settings.listen().port()).isEqualTo(9510);
        assertThat(settings.listen().host()).isEqualTo("127.0.0.1");
        assertThat(settings.proxies()).containsExactly("http://127.0.0.1:9500");
    }

    @Test
    void webhookInstanceYamlHasNothingUnknown() {
        SettingsDocument document =
                SettingsDocument.read(CONFIG.resolve("webhook-instance.yaml"), Map.of(), "SLUICE_INSTANCE");
        InstanceSettings settings = InstanceSettings.read(document.root(), Map.of(), "host");
        LogSettings log = LogSettings.read(document.root().section("log"));
        document.finish();

        assertThat(settings.listener().port()).isEqualTo(8000);
        assertThat(settings.seeds().webhooks()).exists();
        assertThat(settings.seeds().connections()).exists();
        assertThat(log).isEqualTo(LogSettings.DEFAULTS);
    }

    @Test
    void noFileHoldsASecret() {
        ProxySettings proxy = ProxySettings.read(CONFIG.resolve("proxy.yaml"), Map.of());
        RolloutSettings rollout = RolloutSettings.read(CONFIG.resolve("rollout.yaml"), Map.of());

        assertThat(proxy.admin().token()).isNull();
        assertThat(rollout.listen().token()).isNull();
        assertThat(rollout.proxyToken()).isNull();
        assertThat(rollout.instanceToken()).isNull();
    }

    @Test
    void webhooksAndConnectionsAreWhatAnInstanceAccepts() throws Exception {
        JsonNode webhooks =
                Json.mapper().readTree(CONFIG.resolve("webhooks.json").toFile());
        JsonNode connections =
                Json.mapper().readTree(CONFIG.resolve("connections.json").toFile());

        assertThat(webhooks.path("test_webhook").path("module").asText()).isEqualTo("log");
        assertThat(connections.isObject()).isTrue();
    }

    @Test
    void eachPartCanBeMadeFromItsFile() {
        Programs programs = new Programs(Clock.systemUTC(), System::nanoTime);

        for (PartKind kind : List.of(PartKind.values())) {
            Part part = new Part(kind.command(), kind, kind.defaultSettings(CONFIG), Map.of());
            Programs.Assembled assembled = programs.assemble(part);
            assertThat(assembled.component().stop().toCompletionStage().toCompletableFuture())
                    .succeedsWithin(java.time.Duration.ofSeconds(20));
        }
    }
}
