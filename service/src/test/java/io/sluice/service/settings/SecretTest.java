package io.sluice.service.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SecretTest {
    private record Holder(Secret token) {}

    @Test
    void isNeverPrintedNorSerialised() throws Exception {
        Secret secret = Secret.of("hush");

        assertThat(secret).hasToString("***");
        assertThat(new Holder(secret).toString()).doesNotContain("hush");
        assertThat(new ObjectMapper().writeValueAsString(new Holder(secret))).isEqualTo("{\"token\":\"***\"}");
    }

    @Test
    void matchesItselfOnly() {
        Secret secret = Secret.of("hush");

        assertThat(secret.matches("hush")).isTrue();
        assertThat(secret.matches("hus")).isFalse();
        assertThat(secret.matches("hushh")).isFalse();
        assertThat(secret.matches("")).isFalse();
        assertThat(secret).isEqualTo(Secret.of("hush")).isNotEqualTo(Secret.of("Hush"));
    }

    @Test
    void cannotBeBlank() {
        assertThatThrownBy(() -> Secret.of(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
