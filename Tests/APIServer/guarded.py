"""Ways to prove who asks, for the sessions of server.py: OAuth 2 tokens that expire, HMAC and AWS signatures.

setup["oauth"] = {"client": [id, secret], "style": "body|basic", "refresh": first token or absent,
                  "rotates": bool, "requests": how many a token is good for, "expires_in": seconds or absent,
                  "scope": …, "audience": …, "token": one to give out always}
setup["hmac"] = {"secret": …, "algorithm": …, "encoding": "hex|base64", "key_id": …, "skew": seconds allowed}
                the message is METHOD\\ntarget\\ntimestamp\\nbody hash
setup["sigv4"] = {"key": …, "secret": …, "service": …, "region": …}
"""

import base64, hashlib, hmac
from urllib.parse import parse_qsl, unquote_plus


class Tokens:
    """What a session's token server has given out."""

    def __init__(self, oauth, log):
        self.oauth = oauth
        self.refresh = oauth.get("refresh")
        self.left = {}  # requests that each token is still good for
        self.asked = 0
        self.refused = 0
        self.log = log

    def answer(self, handler):
        form = dict(parse_qsl(handler.body.decode()))
        self.asked += 1
        for fault in self.oauth.get("faults", []):
            if fault.get("times", 1) > 0:
                fault["times"] = fault.get("times", 1) - 1
                return {"error": fault.get("error", "server_error"), "error_description": fault.get("said", "")
                        .replace("{secret}", form.get("client_secret", ""))}, fault["code"]
        if self.client(handler, form) != self.oauth["client"]:
            return {"error": "invalid_client", "error_description": f"who is {form.get('client_secret')}?"}, 401
        if self.refresh is None:
            if form.get("grant_type") != "client_credentials":
                return {"error": "unsupported_grant_type"}, 400
        elif form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh:
            self.refused += 1
            self.log.append({"method": "TOKEN"})
            return {"error": "invalid_grant", "error_description": f"not {form.get('refresh_token')}"}, 400
        for name in ("scope", "audience"):
            if name in self.oauth and form.get(name) != self.oauth[name]:
                return {"error": "invalid_scope"}, 400
        token = self.oauth.get("token") or f"access-token-{self.asked}-of-{id(self)}"
        self.left[token] = self.oauth.get("requests", 1 << 30)
        answer = {"access_token": token, "token_type": "Bearer"}
        if "expires_in" in self.oauth:
            answer["expires_in"] = self.oauth["expires_in"]
        if self.refresh is not None and self.oauth.get("rotates"):
            self.refresh = f"refresh-token-{self.asked}-of-{id(self)}"
            answer["refresh_token"] = self.refresh
        return answer, 200

    def client(self, handler, form):
        if self.oauth.get("style") == "basic":
            kind, _, text = handler.headers.get("Authorization", "").partition(" ")
            return [unquote_plus(part) for part in base64.b64decode(text).decode().split(":", 1)]
        return [form.get("client_id"), form.get("client_secret")]

    def admits(self, handler):
        token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.left.get(token, 0) <= 0:
            return False
        if handler.command != "HEAD":
            self.left[token] -= 1
        return True


def tokens(session):
    if not hasattr(session, "tokens"):
        session.tokens = Tokens(session.setup["oauth"], session.log)
    return session.tokens


def admits(handler, session):
    """Whether the request proves who asks, where the session wants that."""
    setup = session.setup
    if "oauth" in setup and not tokens(session).admits(handler):
        return False
    if "hmac" in setup and not is_signed(handler, setup["hmac"]):
        return False
    return "sigv4" not in setup or is_signed_for_aws(handler, setup["sigv4"])


def encoded(digest, encoding):
    return base64.b64encode(digest).decode() if encoding == "base64" else digest.hex()


def is_signed(handler, want):
    algorithm = want.get("algorithm", "sha256")
    stamp = handler.headers.get("X-Timestamp", "0")
    if abs(handler.date_seconds() - float(stamp)) > want.get("skew", 1e12):
        return False
    body_hash = encoded(hashlib.new(algorithm, handler.body).digest(), want.get("encoding"))
    message = f"{handler.command}\n{handler.path}\n{stamp}\n{body_hash}"
    digest = hmac.new(want["secret"].encode(), message.encode(), algorithm).digest()
    return (handler.headers.get("X-Signature") == encoded(digest, want.get("encoding"))
            and handler.headers.get("X-Key-Id") == want.get("key_id"))


def is_signed_for_aws(handler, want):
    """By AWS's own code, over the headers that the request says are signed."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    given = handler.headers.get("Authorization", "")
    if "SignedHeaders=" not in given:
        return False
    names = given.split("SignedHeaders=")[1].split(",")[0].split(";")
    request = AWSRequest(
        handler.command, f"http://{handler.headers['Host']}{handler.path}", data=handler.body,
        headers={name: handler.headers[name] for name in names if name != "host"})
    request.context["timestamp"] = handler.headers["X-Amz-Date"]
    auth = SigV4Auth(Credentials(want["key"], want["secret"]), want["service"], want["region"])
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return given.endswith("Signature=" + signature)
