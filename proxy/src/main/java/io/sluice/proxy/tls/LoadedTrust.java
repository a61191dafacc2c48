package io.sluice.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom the proxy trusts and what it shows, as it was in the files at one time; immutable. */
record LoadedTrust(X509ExtendedTrustManager trust, @Nullable X509ExtendedKeyManager key, SslContext context) {
    private static final char[] NO_PASSWORD = {};
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
    private static final long NO_TIMER = 0;
    private static final ApplicationProtocolConfig HTTP_2 = new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2);

    /**
     * Makes it of what the files hold.
     *
     * @throws CertificateFileException naming the file that is not right
     */
    static LoadedTrust of(BackendTlsSettings settings, boolean http2, PemContents contents) {
        X509ExtendedTrustManager trust =
                settings.verify() ? trusting(settings.ca(), contents) : UncheckedTrust.INSTANCE;
        X509ExtendedKeyManager key = key(settings.certificate(), contents);
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .trustManager(trust)
                    .endpointIdentificationAlgorithm(settings.verify() ? "HTTPS" : "");
            if (key != null) {
                builder.keyManager(key);
            }
            if (http2) {
                builder.applicationProtocolConfig(HTTP_2);
            }
            return new LoadedTrust(trust, key, builder.build());
        } catch (IOException e) {
            throw new IllegalStateException("this Java runtime cannot speak TLS", e);
        }
    }

    private static X509ExtendedTrustManager trusting(@Nullable Path ca, PemContents contents) {
        List<X509Certificate> signers = ca == null ? List.of() : contents.certificates(ca);
        try {
            KeyStore store = null;
            if (ca != null) {
                store = emptyStore();
                for (int i = 0; i < signers.size(); i++) {
                    store.setCertificateEntry("ca-" + i, signers.get(i));
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            // Without a store: what the Java runtime trusts.
            factory.init(store);
            return first(factory.getTrustManagers(), X509ExtendedTrustManager.class);
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateFileException(
                    ca == null ? Path.of("cacerts") : ca, "certificates that backends can be judged by", e);
        }
    }

    private static @Nullable X509ExtendedKeyManager key(@Nullable CertificateFiles files, PemContents contents) {
        if (files == null) {
            return null;
        }
        List<X509Certificate> chain = contents.certificates(files.certificate());
        try {
            KeyStore store = emptyStore();
            store.setKeyEntry(
                    "own", contents.key(files, chain.get(0)), NO_PASSWORD, chain.toArray(new X509Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return first(factory.getKeyManagers(), X509ExtendedKeyManager.class);
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateFileException(files.certificate(), "a certificate that can be shown", e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static <T> T first(Object[] managers, Class<T> wanted) {
        return Arrays.stream(managers)
                .filter(wanted::isInstance)
                .map(wanted::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("this Java runtime has no " + wanted.getSimpleName()));
    }

    SslHandler newHandler(ByteBufAllocator allocator, @Nullable String serverName, String host, int port) {
        if (serverName == null) {
            return withoutTimer(context.newHandler(allocator, host, port));
        }
        // Sessions are looked up by name and port. Backends that go by one name must not take each other's, so here the
        // port, which nothing else looks at, stands for the address.
        int address = (31 * host.hashCode() + port) & Integer.MAX_VALUE;
        SslHandler handler = withoutTimer(context.newHandler(allocator, serverName, address));
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        handler.engine().setSSLParameters(parameters);
        return handler;
    }

    private static SslHandler withoutTimer(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(NO_TIMER);
        return handler;
    }
}
