# Install the Debian or Ubuntu packages that tests with real clients need: a browser and QGIS.
# Only root can; for anybody else those tests are skipped, each with a line that says so.
set -eu
packages="chromium python3-qgis"
missing=""
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed:$missing (needs root on Debian or Ubuntu); the tests that use them will be skipped" >&2
    exit 0
fi
echo "installing$missing"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
apt-get update -qq
# shellcheck disable=SC2086  # the list is meant to be split
apt-get install -y -qq --no-install-recommends $missing >/dev/null
