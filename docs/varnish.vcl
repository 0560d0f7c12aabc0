# Varnish in front of Guidepost, with xkey and var of varnish-modules.
#
# Set GUIDEPOST_CACHE_TAGS=varnish and GUIDEPOST_CDN_MAX_AGE, such as 86400, for Guidepost. After a
# change, send PURGE with the tags in the header `xkey`, and the version of the content that the
# change made in `GraphQL-Content-Version`.
vcl 4.1;

import std;
import var;
import xkey;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Not from here"));
        }
        # See vcl_backend_response.
        if (std.integer(regsub(req.http.GraphQL-Content-Version, "-.*", ""), 0) >
                std.integer(var.global_get("purged"), 0)) {
            var.global_set("purged", regsub(req.http.GraphQL-Content-Version, "-.*", ""));
        }
        return (synth(200, "Purged " + xkey.purge(req.http.xkey)));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Only what everybody gets is kept.
    if (req.http.Authorization || req.http.GraphQL-Stage || req.http.GraphQL-Min-Version) {
        return (pass);
    }
    return (hash);
}

sub vcl_backend_response {
    if (bereq.uncacheable || beresp.http.CDN-Cache-Control !~ "s-maxage=[1-9]") {
        set beresp.uncacheable = true;
        set beresp.ttl = 10s;
        return (deliver);
    }
    # What was made before a change, and arrives after its purge, must not be kept.
    if (std.integer(regsub(beresp.http.GraphQL-Content-Version, "-.*", ""), 0) <
            std.integer(var.global_get("purged"), 0)) {
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        return (deliver);
    }
    set beresp.ttl = std.duration(
        regsub(beresp.http.CDN-Cache-Control, ".*s-maxage=([0-9]+).*", "\1s"), 0s);
    set beresp.grace = std.duration(
        regsub(beresp.http.CDN-Cache-Control, ".*stale-while-revalidate=([0-9]+).*", "\1s"), 0s);
    return (deliver);
}

sub vcl_deliver {
    # They are for Varnish alone.
    unset resp.http.xkey;
    unset resp.http.CDN-Cache-Control;
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
}
