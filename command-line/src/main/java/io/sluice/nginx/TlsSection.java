package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The section {@code tls} of the listener: certificates of all servers, and one set of everything else. */
final class TlsSection {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
    private static final List<String> OF_TLS13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final Map<String, String> CIPHERS = Map.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final List<VirtualServer> servers;
    private final Ports ports;
    private final Path folder;
    private final YamlMap tls = new YamlMap();

    /** @param folder where relative paths start */
    TlsSection(List<VirtualServer> servers, Ports ports, Path folder) {
        VirtualServer first = Objects.requireNonNull(ports.tlsDefault());
        List<VirtualServer> ordered = new ArrayList<>(List.of(first));
        servers.stream()
                .filter(server -> server.listensOn(ports.tls()) && !server.equals(first))
                .forEach(ordered::add);
        this.servers = ordered;
        this.ports = ports;
        this.folder = folder;
    }

    static boolean hasCertificate(Scope server) {
        return server.takeAll("ssl_certificate").stream()
                        .anyMatch(d -> !d.argument(0).contains("$"))
                && !server.takeAll("ssl_certificate_key").isEmpty();
    }

    YamlMap read() {
        Scope leading = servers.get(0).scope();
        tls.put("port", ports.tls());
        tls.put("certificates", certificates());
        Directive protocols = leading.take("ssl_protocols");
        if (protocols != null) {
            protocols(protocols, leading.findings());
        }
        Directive ciphers = leading.take("ssl_ciphers");
        if (ciphers != null) {
            ciphers(ciphers, leading.findings());
        }
        clientCertificates();
        boolean http2 = servers.stream()
                .anyMatch(server -> server.scope().isOn("http2")
                        || server.listens().stream().anyMatch(listen -> listen.tls() && listen.http2()));
        tls.put("http2", http2);
        for (String name : List.of("ssl_protocols", "ssl_ciphers")) {
            for (VirtualServer server : servers) {
                Directive other = server.scope().take(name);
                Directive leader = leading.take(name);
                if (other != null && (leader == null || !leader.arguments().equals(other.arguments()))) {
                    leading.findings()
                            .differs(other, "it is the same for all names: what holds for the default server");
                }
            }
        }
        return tls;
    }

    private List<YamlMap> certificates() {
        Map<List<String>, YamlMap> found = new LinkedHashMap<>();
        for (VirtualServer server : servers) {
            List<Directive> certificates = server.scope().takeAll("ssl_certificate");
            List<Directive> keys = server.scope().takeAll("ssl_certificate_key");
            for (int i = 0; i < certificates.size(); i++) {
                String certificate = certificates.get(i).argument(0);
                String key = i < keys.size() ? keys.get(i).argument(0) : "";
                if (key.isEmpty()
                        || (certificate + key).contains("$")
                        || certificate.startsWith("data:")
                        || key.startsWith("engine:")) {
                    server.scope()
                            .findings()
                            .leftOut(certificates.get(i), "a certificate is a file, with a file of its key");
                } else {
                    found.computeIfAbsent(
                            List.of(certificate, key),
                            pair -> new YamlMap()
                                    .put("certificate", file(certificate))
                                    .put("key", file(key)));
                }
            }
        }
        return List.copyOf(found.values());
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private void protocols(Directive directive, Findings findings) {
        List<String> kept =
                PROTOCOLS.stream().filter(directive.arguments()::contains).toList();
        tls.put("protocols", kept);
        List<String> others = directive.arguments().stream()
                .filter(p -> !PROTOCOLS.contains(p))
                .toList();
        if (!others.isEmpty()) {
            findings.leftOut(directive, String.join(", ", others) + ": the proxy speaks TLS 1.2 and 1.3 only");
        }
    }

    private void ciphers(Directive directive, Findings findings) {
        List<String> wanted = List.of(directive.argument(0).split(":", -1));
        List<String> kept =
                wanted.stream().map(CIPHERS::get).filter(Objects::nonNull).toList();
        if (kept.isEmpty()) {
            findings.differs(
                    directive,
                    "by default the proxy offers ECDHE with AES-GCM or ChaCha20 only: listener.tls.ciphers, with Java's names");
            return;
        }
        List<String> all = new ArrayList<>(OF_TLS13);
        all.addAll(kept);
        tls.put("ciphers", all);
        if (kept.size() < wanted.size()) {
            findings.differs(directive, "only those with ECDHE and AES-GCM or ChaCha20 are carried over");
        }
    }

    /** What one name demands, all have to: a name without a check must not be a way around it. */
    private void clientCertificates() {
        @Nullable String wanted = null;
        for (VirtualServer server : servers) {
            Scope scope = server.scope();
            Directive verify = scope.take("ssl_verify_client");
            Directive authority = scope.take("ssl_client_certificate");
            if (verify == null || verify.argument(0).equals("off")) {
                continue;
            }
            boolean required = verify.argument(0).equals("on") || "required".equals(wanted);
            wanted = required ? "required" : "optional";
            if (authority != null) {
                tls.put("client-auth", wanted).put("client-ca", file(authority.argument(0)));
            }
            if (authority == null || servers.size() > 1 || verify.argument(0).equals("optional_no_ca")) {
                scope.findings()
                        .leftOut(
                                verify,
                                "client-auth holds for all names of the listener, against one client-ca; the strictest is taken");
            }
        }
    }
}
