package io.sluice.proxy.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All certificates as they were in their files at one time; immutable. */
final class LoadedCertificates {
    private static final int DNS_NAME = 2;

    private final SslContext first;
    private final Map<String, SslContext> byName;
    private final List<Instant> expiries;

    private LoadedCertificates(SslContext first, Map<String, SslContext> byName, List<Instant> expiries) {
        this.first = first;
        this.byName = byName;
        this.expiries = expiries;
    }

    /**
     * Makes them of what the files hold.
     *
     * @throws CertificateFileException naming the file that is not right
     */
    static LoadedCertificates of(TlsSettings settings, PemContents contents) {
        List<X509Certificate> clientCa =
                settings.clientCa() == null ? List.of() : contents.certificates(settings.clientCa());
        List<SslContext> contexts = new ArrayList<>();
        Map<String, SslContext> byName = new HashMap<>();
        List<Instant> expiries = new ArrayList<>();
        for (CertificateFiles files : settings.certificates()) {
            List<X509Certificate> chain = contents.certificates(files.certificate());
            X509Certificate own = chain.get(0);
            SslContext context = context(settings, chain, contents.key(files, own), clientCa);
            contexts.add(context);
            names(files.certificate(), own).forEach(name -> byName.putIfAbsent(name, context));
            expiries.add(own.getNotAfter().toInstant());
        }
        return new LoadedCertificates(contexts.get(0), byName, expiries);
    }

    private static SslContext context(
            TlsSettings settings, List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientCa) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(key, chain)
                    .sslProvider(TlsLibrary.of(settings))
                    .protocols(settings.protocols())
                    .ciphers(settings.ciphers())
                    .clientAuth(clientAuth(settings.clientCertificate()))
                    .applicationProtocolConfig(applicationProtocols(settings.http2()));
            if (!clientCa.isEmpty()) {
                builder.trustManager(clientCa);
            }
            return builder.build();
        } catch (IOException | IllegalArgumentException e) {
            throw new CertificateFileException(
                    settings.certificates().get(0).certificate(), "certificates that TLS can be spoken with", e);
        }
    }

    private static ClientAuth clientAuth(ClientCertificate wanted) {
        return switch (wanted) {
            case NONE -> ClientAuth.NONE;
            case OPTIONAL -> ClientAuth.OPTIONAL;
            case REQUIRED -> ClientAuth.REQUIRE;
        };
    }

    private static ApplicationProtocolConfig applicationProtocols(boolean http2) {
        List<String> offered = http2
                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                : List.of(ApplicationProtocolNames.HTTP_1_1);
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, offered);
    }

    /** The names it is for; the common name has not counted for long (RFC 9525 §6.4). */
    private static List<String> names(Path file, X509Certificate certificate) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            return alternatives == null
                    ? List.of()
                    : alternatives.stream()
                            .filter(name -> name.get(0).equals(DNS_NAME))
                            .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
                            .toList();
        } catch (GeneralSecurityException e) {
            throw new CertificateFileException(file, "a certificate whose alternative names can be read", e);
        }
    }

    /** The one for this name; a wildcard stands for one label (RFC 9525 §6.3). */
    SslContext forName(@Nullable String asked) {
        if (asked == null || byName.isEmpty()) {
            return first;
        }
        String name = asked.toLowerCase(Locale.ROOT);
        SslContext exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot < 0 ? first : byName.getOrDefault("*" + name.substring(dot), first);
    }

    /** In the order of the settings. */
    List<Instant> expiries() {
        return expiries;
    }
}
