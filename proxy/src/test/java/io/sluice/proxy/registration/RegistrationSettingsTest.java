package io.sluice.proxy.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrationSettingsTest {
    @TempDir
    private Path folder;

    private final ObjectNode pool = JsonNodeFactory.instance.objectNode();

    private Optional<RegistrationSettings> read() {
        SettingsDocument document = SettingsDocument.of("pool", pool, folder, Map.of(), "-");
        Optional<RegistrationSettings> settings = RegistrationSettings.read(document.root());
        document.finish();
        return settings;
    }

    @Test
    void nobodyMayRegisterWithoutTheSection() {
        assertThat(read()).isEmpty();
    }

    @Test
    void aTokenIsEnoughAndLetsNobodyInYet() throws IOException {
        Files.writeString(folder.resolve("token"), "let-me-in\n");
        pool.putObject("registration").put("token-file", "token");
        assertThat(read())
                .contains(new RegistrationSettings(Secret.of("let-me-in"), List.of(), Duration.ofSeconds(30), 256, 50));
    }

    @Test
    void everythingCanBeSaid() throws IOException {
        Files.writeString(folder.resolve("token"), "let-me-in\n");
        pool.putObject("registration")
                .put("token-file", "token")
                .put("ttl", "1m")
                .put("max-backends", 7)
                .put("max-removal", 20)
                .putArray("networks")
                .add("10.0.0.0/8");
        assertThat(read())
                .contains(new RegistrationSettings(
                        Secret.of("let-me-in"), List.of("10.0.0.0/8"), Duration.ofMinutes(1), 7, 20));
    }

    @Test
    void aTokenInTheFileItselfIsRefusedWithoutShowingIt() {
        pool.putObject("registration")
                .put("token", "let-me-in")
                .putArray("networks")
                .add("everywhere");
        InvalidSettingsException invalid = catchThrowableOfType(InvalidSettingsException.class, this::read);
        assertThat(invalid.problems())
                .extracting(problem -> problem.key())
                .containsExactlyInAnyOrder("registration.token", "registration.networks");
        assertThat(invalid.table()).doesNotContain("let-me-in");
    }
}
