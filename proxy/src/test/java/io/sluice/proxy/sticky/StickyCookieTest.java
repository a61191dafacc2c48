package io.sluice.proxy.sticky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.service.settings.Secret;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StickyCookieTest {
    private static final StickySettings SETTINGS = new StickySettings("bound", null, Secret.of("s3cret"));
    private final StickyCookie cookie = new StickyCookie("webhooks", SETTINGS, null);

    @TempDir
    private Path folder;

    @Test
    void aValueNamesItsBackend() {
        assertThat(cookie.backend(cookie.value("webhook-1"))).isEqualTo("webhook-1");
        assertThat(cookie.value("webhook-1")).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{22}");
    }

    @Test
    void anyOtherBitMakesItWorthless() {
        String value = cookie.value("webhook-1");
        for (int i = 0; i < value.length(); i++) {
            char other = value.charAt(i) == 'x' ? 'y' : 'x';
            String forged = value.substring(0, i) + other + value.substring(i + 1);
            // The last character of each part has bits that mean nothing.
            if (!"webhook-1".equals(cookie.backend(forged))) {
                assertThat(cookie.backend(forged)).isNull();
            }
            assertThat(cookie.backend(value.substring(0, i))).isNull();
        }
        String other = cookie.value("webhook-2");
        String mixed = value.substring(0, value.indexOf('.')) + other.substring(other.indexOf('.'));
        assertThat(cookie.backend(mixed)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a", "a.", ".a", "a.b.c", "ä.ö", "%.%", "d2ViaG9vay0x."})
    void nonsenseNamesNobody(String value) {
        assertThat(cookie.backend(value)).isNull();
        assertThat(cookie.backend(value + "A".repeat(10_000))).isNull();
    }

    @Test
    void aValueOfAnotherPoolOrKeyMeansNothing() {
        String value = cookie.value("webhook-1");
        assertThat(new StickyCookie("other", SETTINGS, null).backend(value)).isNull();
        StickySettings other = new StickySettings("bound", null, Secret.of("another"));
        assertThat(new StickyCookie("webhooks", other, null).backend(value)).isNull();
    }

    @Test
    void theHeaderKeepsScriptsAway() {
        assertThat(cookie.setCookie("webhook-1", false))
                .isEqualTo("bound=" + cookie.value("webhook-1") + "; Path=/; HttpOnly; SameSite=Lax");
        StickySettings lasting = new StickySettings("bound", Duration.ofHours(1), Secret.of("s3cret"));
        assertThat(new StickyCookie("webhooks", lasting, null).setCookie("webhook-1", true))
                .endsWith("; Max-Age=3600; Secure");
    }

    @Test
    void theProxysOwnKeyIsKeptForItsOwner() throws Exception {
        Path file = folder.resolve("data/sticky-key");
        StickySettings settings = new StickySettings("bound", null, null);
        String value = new StickyCookie("p", settings, StickyKey.readOrCreate(file)).value("b1");
        assertThat(new StickyCookie("p", settings, StickyKey.readOrCreate(file)).backend(value))
                .isEqualTo("b1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.writeString(file, "short");
        assertThatThrownBy(() -> StickyKey.readOrCreate(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("5 bytes (expected: 32)");
    }
}
