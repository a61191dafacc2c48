package io.sluice.proxy.tls;

import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * TLS to the backends of a pool.
 *
 * @param verify whether a backend has to prove who it is; without that anybody in between could read and change everything
 * @param ca PEM, certificates that sign those of backends; absent: those that the Java runtime trusts
 * @param serverName whom backends have to be, and what they are asked for (SNI); absent: the host in their address
 * @param certificate what the proxy shows; absent: nothing
 * @param reloadInterval how often the files are looked at
 */
public record BackendTlsSettings(
        boolean verify,
        @Nullable Path ca,
        @Nullable String serverName,
        @Nullable CertificateFiles certificate,
        Duration reloadInterval) {
    private static final Duration RELOAD = Duration.ofSeconds(10);
    private static final String NAME = "[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?";

    /** With every default. */
    public static BackendTlsSettings defaults() {
        return new BackendTlsSettings(true, null, null, null, RELOAD);
    }

    public BackendTlsSettings withCa(Path changed) {
        return new BackendTlsSettings(verify, changed, serverName, certificate, reloadInterval);
    }

    public BackendTlsSettings withServerName(String changed) {
        return new BackendTlsSettings(verify, ca, changed, certificate, reloadInterval);
    }

    public BackendTlsSettings withCertificate(CertificateFiles changed) {
        return new BackendTlsSettings(verify, ca, serverName, changed, reloadInterval);
    }

    public BackendTlsSettings withoutVerification() {
        return new BackendTlsSettings(false, null, serverName, certificate, reloadInterval);
    }

    /**
     * Reads the section {@code tls} of a pool: {@code verify}, {@code ca}, {@code server-name}, {@code certificate} and {@code key}, {@code
     * reload-interval}; all of them may be left out. Null when there is no such section.
     */
    public static @Nullable BackendTlsSettings read(SettingsReader pool) {
        if (!pool.has("tls")) {
            return null;
        }
        SettingsReader reader = pool.section("tls");
        boolean verify = reader.flag("verify", true);
        Path ca = reader.filePath("ca").orElse(null);
        if (ca != null && !verify) {
            reader.problem("ca", ca, "none beside verify: false");
        }
        String name = reader.optionalText("server-name").orElse(null);
        if (name != null && !name.matches(NAME)) {
            reader.problem("server-name", name, "a host name");
            name = null;
        }
        boolean shows = reader.has("certificate") || reader.has("key");
        return new BackendTlsSettings(
                verify,
                ca,
                name,
                shows ? CertificateFiles.read(reader) : null,
                reader.duration("reload-interval", RELOAD, Duration.ofMillis(50)));
    }
}
