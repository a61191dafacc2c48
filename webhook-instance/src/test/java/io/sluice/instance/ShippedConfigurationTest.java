package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.ConfigurationReader;
import io.sluice.instance.configuration.DocumentPair;
import io.sluice.instance.configuration.Origin;
import io.sluice.instance.configuration.Step;
import io.sluice.instance.configuration.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The files in the config folder, which people start from, have to work as they are. */
class ShippedConfigurationTest {
    private static final Path CONFIG = Path.of("../config");

    @Test
    void webhooksAndConnectionsAreValidWithoutAnyEnvironment() throws IOException {
        DocumentPair documents = new DocumentPair(read("webhooks.json"), read("connections.json"));
        Configuration configuration = new ConfigurationReader(Map.of(), true)
                .read(documents, 1, new Origin(Origin.Source.SEED_FILES, Instant.EPOCH));

        assertThat(configuration.warnings()).isEmpty();
        assertThat(configuration.webhook("test_webhook").orElseThrow().steps())
                .extracting(Step::module)
                .containsExactly("log");
    }

    private static com.fasterxml.jackson.databind.JsonNode read(String name) throws IOException {
        StrictJson.Parsed parsed = StrictJson.parse(Files.readAllBytes(CONFIG.resolve(name)), name);
        assertThat(parsed.problems()).isEmpty();
        return java.util.Objects.requireNonNull(parsed.document());
    }
}
