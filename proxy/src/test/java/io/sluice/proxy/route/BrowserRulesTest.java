package io.sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingProblem;
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

class BrowserRulesTest {
    @TempDir
    Path folder;

    private SettingsDocument document(String yaml) throws IOException {
        Path file = folder.resolve("routes.yaml");
        Files.writeString(file, yaml);
        return SettingsDocument.read(file, Map.of(), "TEST");
    }

    private RouteRules read(String yaml) throws IOException {
        SettingsDocument document = document("pool: test\n" + yaml);
        RouteRules rules = RouteRules.read(document.root(), Map.of());
        document.finish();
        return rules;
    }

    private static SecuritySettings security(RouteRules rules) {
        return Objects.requireNonNull(rules.browsers().security());
    }

    @Test
    void nothingIsSaidByDefault() throws IOException {
        assertThat(read("").browsers()).isEqualTo(new BrowserRules(null, null));
        assertThat(read("security-headers: false").browsers()).isEqualTo(new BrowserRules(null, null));
    }

    @Test
    void trueIsEveryDefault() throws IOException {
        assertThat(security(read("security-headers: true"))).isEqualTo(SecuritySettings.DEFAULT);
        assertThat(security(read("security-headers: {}"))).isEqualTo(SecuritySettings.DEFAULT);
    }

    @Test
    void readsSecurityHeaders() throws IOException {
        SecuritySettings settings = security(read("""
                security-headers:
                  hsts: 10s
                  hsts-subdomains: true
                  hsts-preload: true
                  nosniff: false
                  frame: deny
                  referrer-policy: no-referrer
                  permissions-policy: "camera=()"
                  override: true
                """));
        assertThat(settings)
                .isEqualTo(new SecuritySettings(
                        "max-age=10; includeSubDomains; preload",
                        List.of(
                                new SecuritySettings.Field("X-Frame-Options", "DENY"),
                                new SecuritySettings.Field("Content-Security-Policy", "frame-ancestors 'none'"),
                                new SecuritySettings.Field("Referrer-Policy", "no-referrer"),
                                new SecuritySettings.Field("Permissions-Policy", "camera=()")),
                        true));
    }

    @Test
    void eachSecurityHeaderCanBeLeftOut() throws IOException {
        SecuritySettings settings =
                security(read("security-headers: { hsts: 0s, nosniff: false, frame: any, referrer-policy: \"\" }"));
        assertThat(settings).isEqualTo(new SecuritySettings("", List.of(), false));
    }

    @Test
    void readsCors() throws IOException {
        CorsSettings cors = read("""
                cors:
                  origins: ["https://app.example.com", "http://localhost:3000"]
                  methods: [GET, PUT]
                  headers: [X-Own]
                  expose-headers: [X-Total]
                  credentials: true
                  max-age: 1h
                """).browsers().cors();
        assertThat(cors)
                .isEqualTo(new CorsSettings(
                        Set.of("https://app.example.com", "http://localhost:3000"),
                        List.of("GET", "PUT"),
                        List.of("X-Own"),
                        List.of("X-Total"),
                        true,
                        Duration.ofHours(1)));
    }

    @Test
    void corsHasDefaultsButForItsOrigins() throws IOException {
        assertThat(read("cors: { origins: [\"*\"] }").browsers().cors())
                .isEqualTo(new CorsSettings(
                        Set.of("*"),
                        List.of("GET", "HEAD", "POST"),
                        List.of(),
                        List.of(),
                        false,
                        Duration.ofMinutes(10)));
    }

    @Test
    void tellsWhatCannotBe() throws IOException {
        SettingsDocument document = document("""
                pool: test
                cors:
                  origins: ["*"]
                  credentials: true
                  methods: ["*"]
                security-headers: { frame: sometimes }
                max-concurrent: [{ key: nobody }]
                """);
        RouteRules.read(document.root(), Map.of());
        assertThatThrownBy(document::finish)
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        invalid -> assertThat(invalid.problems())
                                .extracting(SettingProblem::key)
                                .containsExactlyInAnyOrder(
                                        "cors.credentials",
                                        "cors.methods",
                                        "security-headers.frame",
                                        "max-concurrent[0].key",
                                        "max-concurrent[0].limit"));
    }

    @Test
    void originsAreExact() throws IOException {
        SettingsDocument document = document("pool: test\ncors: { origins: [\"https://a.example/\", null-ish] }");
        RouteRules.read(document.root(), Map.of());
        assertThatThrownBy(document::finish)
                .hasMessageContaining("https://a.example/")
                .hasMessageContaining("null-ish");
    }

    @Test
    void filesExpireAsNginxSays() throws IOException {
        assertThat(files("expires: 30d, cache-control: \"public, immutable\""))
                .extracting(FileSettings::cacheControl, FileSettings::expires)
                .containsExactly("public, immutable, max-age=2592000", null);
        assertThat(files("expires: max"))
                .extracting(FileSettings::cacheControl, FileSettings::expires)
                .containsExactly("max-age=315360000", "Thu, 31 Dec 2037 23:55:55 GMT");
        assertThat(files("expires: epoch"))
                .extracting(FileSettings::cacheControl, FileSettings::expires)
                .containsExactly("no-cache", "Thu, 01 Jan 1970 00:00:01 GMT");
        assertThat(files("expires: \"off\""))
                .extracting(FileSettings::cacheControl, FileSettings::expires)
                .containsExactly(null, null);
    }

    private FileSettings files(String keys) throws IOException {
        SettingsDocument document = document("files: { root: /srv, " + keys + " }");
        RouteRules rules = RouteRules.read(document.root(), Map.of());
        document.finish();
        return (FileSettings) Objects.requireNonNull(rules.answer());
    }
}
