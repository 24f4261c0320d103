"""The hub's own client against the hub of the tests: what it can do here, it can do there.

HF_ENDPOINT and HF_TOKEN are in the environment. Prints one line of JSON.
"""

import json
import sys

from huggingface_hub import HfApi, snapshot_download

verb, repository, folder = sys.argv[1:4]
if verb == "download":
    print(json.dumps(snapshot_download(repository, local_dir=folder)))
else:
    api = HfApi()
    api.create_repo(repository, private=True)
    info = api.upload_folder(repo_id=repository, folder_path=folder, commit_message="by the client")
    print(json.dumps({"commit": info.oid, "files": sorted(api.list_repo_files(repository))}))
