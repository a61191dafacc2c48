package io.sluice.proxy.tls;

import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * TLS on the listener.
 *
 * @param port where it is spoken; 0 takes a free one
 * @param certificates the first is shown to clients that ask for no name, or for one that none of them is for
 * @param protocols newest first
 * @param ciphers in the order of preference
 * @param clientCa certificates that sign those of clients; present when clients are asked for one
 * @param http2 whether clients are offered HTTP/2
 * @param reloadInterval how often the files are looked at
 */
public record TlsSettings(
        int port,
        List<CertificateFiles> certificates,
        List<String> protocols,
        List<String> ciphers,
        ClientCertificate clientCertificate,
        @Nullable Path clientCa,
        boolean http2,
        Duration reloadInterval) {
    private static final int PORT = 443;
    private static final Duration RELOAD = Duration.ofSeconds(10);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    private static final List<String> DEFAULT_PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Those with forward secrecy and authenticated encryption; RFC 9113 forbids the others for HTTP/2. */
    private static final List<String> DEFAULT_CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    public TlsSettings {
        certificates = List.copyOf(certificates);
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
    }

    /**
     * Reads {@code port}, {@code certificates} (items with {@code certificate} and {@code key}), {@code protocols}, {@code ciphers},
     * {@code client-auth}, {@code client-ca}, {@code http2} and {@code reload-interval}.
     */
    public static TlsSettings read(SettingsReader reader) {
        int port = reader.integer("port", PORT, 0, 65_535);
        List<CertificateFiles> certificates = new ArrayList<>();
        reader.items("certificates").forEach(item -> certificates.add(CertificateFiles.read(item)));
        if (certificates.isEmpty()) {
            reader.problem("certificates", null, "at least one item with certificate and key");
        }
        ClientCertificate client = reader.choice("client-auth", ClientCertificate.class, ClientCertificate.NONE);
        Path clientCa = reader.filePath("client-ca").orElse(null);
        if (clientCa == null && client != ClientCertificate.NONE) {
            reader.problem("client-ca", null, "a PEM file, since client-auth asks for certificates");
        }
        return new TlsSettings(
                port,
                certificates,
                names(reader, "protocols", DEFAULT_PROTOCOLS, PROTOCOLS),
                names(reader, "ciphers", DEFAULT_CIPHERS, supportedCiphers()),
                client,
                clientCa,
                reader.flag("http2", true),
                reader.duration("reload-interval", RELOAD, Duration.ofMillis(50)));
    }

    boolean hasDefaultCiphers() {
        return ciphers.equals(DEFAULT_CIPHERS);
    }

    private static List<String> names(SettingsReader reader, String key, List<String> defaults, Set<String> supported) {
        List<String> given = reader.texts(key);
        for (String name : given) {
            if (!supported.contains(name)) {
                reader.problem(
                        key,
                        name,
                        "one of "
                                + String.join(", ", supported.stream().sorted().toList()));
            }
        }
        return given.isEmpty() ? defaults : given;
    }

    private static Set<String> supportedCiphers() {
        try {
            return Set.copyOf(Arrays.asList(
                    SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }
}
