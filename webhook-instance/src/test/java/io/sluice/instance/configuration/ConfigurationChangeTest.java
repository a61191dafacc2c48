package io.sluice.instance.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.instance.api.ConfigType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationChangeTest {
    @Test
    void twoKeysAreEnough() {
        ConfigurationChange change = ConfigurationChange.parse(Documents.bytes("{'type': 'webhooks', 'config': {}}"));

        assertThat(change.type()).isEqualTo(ConfigType.WEBHOOKS);
        assertThat(change.validateOnly()).isFalse();
        assertThat(change.ifHash()).isNull();
        assertThat(change.ifGeneration()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'invalid': json} | request/invalid invalid_json",
                "[] | request wrong_type",
                "{'config': {}} | request/type missing",
                "{'type': 'webhook', 'config': {}} | request/type unknown_value",
                "{'type': 'webhooks'} | request/config missing",
                "{'type': 'webhooks', 'config': {}, 'validateonly': true} | request/validateonly unknown_key",
                "{'type': 'webhooks', 'config': {}, 'if_generation': '3'} | request/if_generation wrong_value",
                "{'type': 'webhooks', 'type': 'webhooks', 'config': {}} | request/type duplicate_key",
                "{'type': 'webhooks', 'config': {'a': 1, 'a': 2}} | webhooks/a duplicate_key",
                "{'type': 'bundle', 'config': {'connections': {'a': 1, 'a': 2}}} | connections/a duplicate_key",
            })
    void anythingElseIsToldWithItsPlace(String body, String problem) {
        InvalidConfigurationException failure = catchThrowableOfType(
                InvalidConfigurationException.class, () -> ConfigurationChange.parse(Documents.bytes(body)));

        assertThat(failure.problems()).extracting(Documents::line).containsExactly(problem);
    }
}
